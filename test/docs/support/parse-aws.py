"""Reads a JSON list of calls of the AWS CLI and parses each with the CLI's own parser. Prints a JSON list of errors.

Nothing is sent: the first request of each call is validated against the API's model and then ends the call.
"""
import contextlib
import io
import json
import os
import sys
import tempfile

os.environ.update(AWS_ACCESS_KEY_ID='testing', AWS_SECRET_ACCESS_KEY='testing', AWS_DEFAULT_REGION='us-east-1')
os.environ.update(AWS_CONFIG_FILE=os.devnull, AWS_SHARED_CREDENTIALS_FILE=os.devnull, AWS_EC2_METADATA_DISABLED='true')

from awscli import __version__ as version
from awscli.clidriver import create_clidriver
from botocore.client import BaseClient
from botocore.validate import ParamValidator


class Parsed(BaseException):
    pass


def validate(self, operation, parameters):
    report = ParamValidator().validate(parameters, self.meta.service_model.operation_model(operation).input_shape)
    if report.has_errors():
        raise ValueError(report.generate_report())
    reached.append(operation)
    raise Parsed()


reached = []
BaseClient._make_api_call = validate
os.chdir(tempfile.mkdtemp())
for name, text in {'key': 'value', 'ingress.json': '[]'}.items():
    with open(name, 'w') as file:
        file.write(text)

driver = create_clidriver()
errors = []
for call in json.load(sys.stdin):
    # Version 1 lacks this option, which version 2 needs for a payload in plain text.
    if version.startswith('1.') and '--cli-binary-format' in call:
        at = call.index('--cli-binary-format')
        call = call[:at] + call[at + 2:]
    reached.clear()
    output = io.StringIO()
    try:
        with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
            status = driver.main(call)
    except Parsed:
        status = 0
    except SystemExit as exit:
        status = exit.code
    # `aws s3` catches what ends the call.
    if not reached:
        errors.append(f'{" ".join(call)}: exit {status}: {output.getvalue().strip()}')
print(json.dumps(errors))
