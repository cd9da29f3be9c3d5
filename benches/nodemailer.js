// What most newsrooms send with: nodemailer's pool over 8 connections, each letter personal, without a ledger.
// usage: NODE_PATH=DIR/node_modules node benches/nodemailer.js PORT LETTERS PAGE.html [DKIM.pem]      (npm install nodemailer in DIR)
const fs = require("node:fs");
const nodemailer = require("nodemailer");
const [port, count, file, key] = process.argv.slice(2);
// Its builder gets the two parts as a program has them, and composes every letter, as it does for everybody.
const html = fs.readFileSync(file, "utf8");
const options = { host: "127.0.0.1", port: Number(port), secure: false, ignoreTLS: true, pool: true, maxConnections: 8, maxMessages: Infinity };
if (key) options.dkim = { domainName: "harbourtimes.example", keySelector: "s1", privateKey: fs.readFileSync(key, "utf8") };
const pool = nodemailer.createTransport(options);
const begun = process.hrtime.bigint();
let done = 0;
let next = 0;
const send = async () => {
  while (next < Number(count)) {
    const number = next++;
    await pool.sendMail({
      envelope: { from: "a@example.org", to: `reader${number}@example.org` },
      from: "The Harbour Times <digest@harbourtimes.example>",
      to: `Reader ${number} <reader${number}@example.org>`,
      subject: "Ferry fares",
      text: "x".repeat(72).concat("\n").repeat(60),
      html,
    });
    done += 1;
  }
};
Promise.all(Array.from({ length: 16 }, send)).then(() => {
  const seconds = Number(process.hrtime.bigint() - begun) / 1e9;
  console.log(`nodemailer   ${Math.round(done / seconds)} letters/s`);
  pool.close();
});
