"""Reads lines of `FILE.json<tab>ANSWER` and says what is wrong with each answer by its schema. A key that the schema does not name is wrong too:
somebody who reads it could not know what it means."""
import json
import sys

from jsonschema import Draft202012Validator, FormatChecker


def closed(schema):
    if isinstance(schema, dict):
        schema = {key: closed(value) for key, value in schema.items()}
        if "properties" in schema:
            schema["additionalProperties"] = False
    elif isinstance(schema, list):
        schema = [closed(value) for value in schema]
    return schema


for line in sys.stdin:
    file, answer = line.rstrip("\n").split("\t", 1)
    with open(file, encoding="utf-8") as text:
        schema = json.load(text)
    Draft202012Validator.check_schema(schema)
    checker = Draft202012Validator(closed(schema), format_checker=FormatChecker())
    for error in checker.iter_errors(json.loads(answer)):
        worst = min(error.context, key=lambda inner: -len(inner.absolute_path), default=error)
        print(file.rsplit("/", 1)[1], list(worst.absolute_path), worst.message[:300])
