"""Validates JSON on standard input against the JSON schema whose file is named, and prints it again."""
import json
import sys

import jsonschema

with open(sys.argv[1]) as file:
    schema = json.load(file)
document = json.load(sys.stdin)
jsonschema.Draft7Validator.check_schema(schema)
jsonschema.Draft7Validator(schema).validate(document)
json.dump(document, sys.stdout)
