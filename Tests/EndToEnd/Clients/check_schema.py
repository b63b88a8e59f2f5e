"""Holds YAML files against a JSON Schema, with validators that are not ours: check_schema.py SCHEMA FILE..."""
import json
import sys

import jsonschema
import yaml

schema = json.load(open(sys.argv[1]))
jsonschema.Draft202012Validator.check_schema(schema)
validator = jsonschema.Draft202012Validator(schema)
faults = 0
for path in sys.argv[2:]:
    for error in validator.iter_errors(yaml.safe_load(open(path))):
        faults += 1
        print(f"{path}: {'.'.join(map(str, error.absolute_path))}: {error.message[:300]}")
sys.exit(1 if faults else 0)
