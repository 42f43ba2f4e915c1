"""Calls every operation of the local pool's API by boto3, and holds requests and answers to botocore's model of it.

Input: {"endpoint": …, "pool": …}. Prints the operations that were called, one a line.
"""

import base64
import hashlib
import hmac
import json
import re
import sys
from collections import defaultdict

import boto3
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.validate import ParamValidator

given = json.load(sys.stdin)
POOL, SHOP, SECRET, SPA = given["pool"], "shop", given["secret"], "spa"
CODE, FIRST, SECOND = "123456", "Passw0rd!", "An0ther-one!"


def client(**more):
    config = Config(retries={"total_max_attempts": 1}, **more)
    keys = {"aws_access_key_id": "any", "aws_secret_access_key": "any"}
    return boto3.client("cognito-idp", "eu-west-1", endpoint_url=given["endpoint"], config=config, **keys)


def problems(shape, value, place="answer"):
    """What is wrong beyond types and members: enumerations, lengths, patterns."""
    if shape.type_name == "structure":
        for name, member in shape.members.items():
            if name in value:
                yield from problems(member, value[name], f"{place}.{name}")
    elif shape.type_name == "list":
        for index, item in enumerate(value):
            yield from problems(shape.member, item, f"{place}[{index}]")
    elif shape.type_name == "string":
        if getattr(shape, "enum", None) and value not in shape.enum:
            yield f"{place}: {value!r} is none of {shape.enum}"
        least, most = shape.metadata.get("min", 0), shape.metadata.get("max", sys.maxsize)
        if not least <= len(value) <= most:
            yield f"{place}: {len(value)} characters, not {least} to {most}"
        pattern = shape.metadata.get("pattern", "")
        if pattern and "\\p" not in pattern and not re.fullmatch(pattern, value):
            yield f"{place} does not match {pattern}"


def judge(model, answer):
    """All that is wrong with an answer."""
    report = ParamValidator().validate(answer, model.output_shape)
    found = [report.generate_report()] if report.has_errors() else []
    return found + list(problems(model.output_shape, answer))


answers = defaultdict(list)


def before_parse(operation_model, response_dict, **_):
    body, status = response_dict["body"], response_dict["status_code"]
    headers, name = response_dict["headers"], operation_model.name
    assert headers["content-type"] == "application/x-amz-json-1.1", headers
    assert headers["x-amzn-requestid"], headers
    if status != 200:
        kind = json.loads(body)["__type"]
        assert status == 400 and headers["x-amzn-errortype"] == kind, (name, status, body)
        modelled = {shape.name for shape in operation_model.error_shapes}
        assert kind in modelled, (name, kind, "is no error of this operation")
        return
    if operation_model.output_shape is None:
        assert body == b"", (name, body)
        answers[name].append(None)
        return
    answer = json.loads(body)
    wrong = judge(operation_model, answer)
    assert not wrong, (name, wrong, answer)
    answers[name].append(answer)


signed, unsigned = client(), client(signature_version=UNSIGNED)
for one in (signed, unsigned):
    one.meta.events.register("before-parse.cognito-identity-provider", before_parse)
cognito = unsigned


def fails(kind, call, **parameters):
    try:
        call(**parameters)
    except ClientError as error:
        assert error.response["Error"]["Code"] == kind, (kind, error)
        return error.response["Error"]["Message"]
    raise AssertionError(f"{call.__name__} did not fail with {kind}")


def secret_hash(username):
    digest = hmac.digest(SECRET.encode(), (username + SHOP).encode(), hashlib.sha256)
    return base64.b64encode(digest).decode()


def claims(token):
    part = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def sign_in(username, password=FIRST):
    parameters = {"USERNAME": username, "PASSWORD": password, "SECRET_HASH": secret_hash(username)}
    return cognito.initiate_auth(ClientId=SHOP, AuthFlow="USER_PASSWORD_AUTH", AuthParameters=parameters)


def as_list(attributes):
    return [{"Name": name, "Value": value} for name, value in attributes.items()]


def as_dict(attributes):
    return {attribute["Name"]: attribute["Value"] for attribute in attributes}


# Users, by an admin.
of = {"UserPoolId": POOL}
dave = {**of, "Username": "dave"}
attributes = {"email": "dave@example.com", "email_verified": "true", "custom:team": "blue"}
made = cognito.admin_create_user(
    **dave, TemporaryPassword=FIRST, UserAttributes=as_list(attributes), MessageAction="SUPPRESS"
)["User"]
assert (made["UserStatus"], made["Enabled"]) == ("FORCE_CHANGE_PASSWORD", True), made
again = cognito.admin_create_user(**dave, MessageAction="RESEND")["User"]
assert again["UserStatus"] == "FORCE_CHANGE_PASSWORD"
fails("UsernameExistsException", cognito.admin_create_user, **dave)
fails("UserNotFoundException", cognito.admin_get_user, **of, Username="nobody")
fails("ResourceNotFoundException", cognito.admin_get_user, UserPoolId="eu-west-1_Other", Username="dave")
signed.admin_update_user_attributes(**dave, UserAttributes=as_list({"custom:team": "", "name": "Dave"}))
got = cognito.admin_get_user(**dave)
assert as_dict(got["UserAttributes"]) == {
    "sub": as_dict(made["Attributes"])["sub"],
    "email": "dave@example.com",
    "email_verified": "true",
    "name": "Dave",
}
assert got["UserCreateDate"] == made["UserCreateDate"]
assert cognito.admin_get_user(**of, Username=as_dict(made["Attributes"])["sub"])["Username"] == "dave"
for expression, found in [
    ('username = "dave"', ["dave"]),
    ('email ^= "bob@"', ["bob"]),
    ('cognito:user_status = "FORCE_CHANGE_PASSWORD"', ["dave"]),
    ('name = "nobody"', []),
    ("", ["alice", "bob", "carol", "dave"]),
]:
    users = cognito.list_users(**of, Filter=expression, AttributesToGet=["email"])["Users"]
    assert [user["Username"] for user in users] == found, (expression, users)
    assert all(list(as_dict(user["Attributes"])) == ["email"] for user in users), users
for wrong in ["name", 'name > "x"', 'custom:team = "blue"', 'name = "a"b"']:
    fails("InvalidParameterException", cognito.list_users, **of, Filter=wrong)
pages = signed.get_paginator("list_users").paginate(**of, PaginationConfig={"PageSize": 3})
assert [len(page["Users"]) for page in pages] == [3, 1]

# Tokens.
fails("NotAuthorizedException", sign_in, username="dave", password="wrong")
fails("NotAuthorizedException", sign_in, username="nobody")
challenge = sign_in("dave")
assert challenge["ChallengeName"] == "NEW_PASSWORD_REQUIRED", challenge
assert challenge["ChallengeParameters"]["USER_ID_FOR_SRP"] == "dave"
answer = {"USERNAME": "dave", "NEW_PASSWORD": "short", "SECRET_HASH": secret_hash("dave")}
respond = {"ClientId": SHOP, "ChallengeName": "NEW_PASSWORD_REQUIRED", "Session": challenge["Session"]}
fails("InvalidPasswordException", cognito.respond_to_auth_challenge, **respond, ChallengeResponses=answer)
answer |= {"NEW_PASSWORD": SECOND, "userAttributes.nickname": "D"}
tokens = cognito.respond_to_auth_challenge(**respond, ChallengeResponses=answer)["AuthenticationResult"]
fails("NotAuthorizedException", cognito.respond_to_auth_challenge, **respond, ChallengeResponses=answer)
access, identity = claims(tokens["AccessToken"]), claims(tokens["IdToken"])
assert access["scope"] == "aws.cognito.signin.user.admin", access
assert identity["nickname"] == "D" and not {"nonce", "at_hash"} & identity.keys(), identity
admins = {"UserPoolId": POOL, "ClientId": SHOP, "AuthFlow": "ADMIN_USER_PASSWORD_AUTH"}
parameters = {"USERNAME": "dave", "PASSWORD": SECOND, "SECRET_HASH": secret_hash("dave")}
signed.admin_initiate_auth(**admins, AuthParameters=parameters)
signed.admin_set_user_password(**dave, Password=FIRST, Permanent=False)
challenge = signed.admin_initiate_auth(**admins, AuthParameters={**parameters, "PASSWORD": FIRST})
respond = {**of, **respond, "Session": challenge["Session"]}
tokens = signed.admin_respond_to_auth_challenge(**respond, ChallengeResponses=answer)["AuthenticationResult"]
refresh = {"REFRESH_TOKEN": tokens["RefreshToken"], "SECRET_HASH": secret_hash("dave")}
for flow in ("REFRESH_TOKEN_AUTH", "REFRESH_TOKEN"):
    result = cognito.initiate_auth(ClientId=SHOP, AuthFlow=flow, AuthParameters=refresh)["AuthenticationResult"]
    assert "RefreshToken" not in result, result
fresh = {"RefreshToken": tokens["RefreshToken"], "ClientId": SHOP}
result = cognito.get_tokens_from_refresh_token(**fresh, ClientSecret=SECRET)["AuthenticationResult"]
assert claims(result["AccessToken"])["origin_jti"] == claims(tokens["AccessToken"])["origin_jti"]
fails("NotAuthorizedException", cognito.get_tokens_from_refresh_token, **fresh)
fails("InvalidParameterException", cognito.initiate_auth, ClientId=SPA, AuthFlow="USER_SRP_AUTH")
fails("InvalidParameterException", cognito.initiate_auth, ClientId=SPA, AuthFlow="ADMIN_USER_PASSWORD_AUTH")
fails("ResourceNotFoundException", cognito.initiate_auth, ClientId="nothing", AuthFlow="USER_PASSWORD_AUTH")

# Exchange.
exchange = {"ClientId": "service", "ClientSecret": SECRET, "SubjectToken": given["subject"], "SubjectTokenType": "ACCESS_TOKEN"}
derived = cognito.get_derived_token(**exchange, Scopes=["email"], Audiences=["orders"])
assert (derived["IssuedTokenType"], derived["TokenType"], derived["Scopes"]) == ("ACCESS_TOKEN", "Bearer", ["email"])
assert claims(derived["IssuedToken"])["aud"] == "orders" and 0 < derived["ExpiresIn"] <= 3600, derived
actor = {"ActorToken": given["subject"], "ActorTokenType": "ACCESS_TOKEN"}
derived = signed.get_derived_token(**exchange, **actor, RequestedTokenType="ID_TOKEN")
assert (derived["IssuedTokenType"], derived["TokenType"]) == ("ID_TOKEN", "N_A"), derived
assert claims(derived["IssuedToken"])["act"]["client_id"] == SPA, derived
fails("NotAuthorizedException", cognito.get_derived_token, **{**exchange, "SubjectTokenType": "ID_TOKEN"})
fails("InvalidParameterException", cognito.get_derived_token, **exchange, ActorToken=given["subject"])
flows = signed.describe_user_pool_client(**of, ClientId="service")["UserPoolClient"]["ExplicitAuthFlows"]
assert {"ALLOW_TOKEN_EXCHANGE_DELEGATION", "ALLOW_TOKEN_EXCHANGE_IMPERSONATION"} <= set(flows), flows

# Sessions.
other = sign_in("dave", SECOND)["AuthenticationResult"]
sessions = cognito.list_user_sessions(AccessToken=other["AccessToken"])["Sessions"]
assert len(sessions) == 4 and sum(session["IsCurrentSession"] for session in sessions) == 1, sessions
current = next(session["SessionId"] for session in sessions if session["IsCurrentSession"])
by = {"AccessToken": other["AccessToken"]}
fails("InvalidParameterException", cognito.revoke_user_session, **by, SessionId=current)
fails("ResourceNotFoundException", cognito.revoke_user_session, **by, SessionId="tkn" + "a" * 25)
for session in sessions:
    if session["SessionId"] != current:
        cognito.revoke_user_session(**by, SessionId=session["SessionId"], RevokeAssociatedSessions="LINKED")
assert len(cognito.list_user_sessions(**by)["Sessions"]) == 1
spare = sign_in("dave", SECOND)["AuthenticationResult"]
sessions = signed.admin_list_user_sessions(**dave)["Sessions"]
assert len(sessions) == 2 and not any(session["IsCurrentSession"] for session in sessions), sessions
one = next(session["SessionId"] for session in sessions if session["SessionId"] != current)
fails("UserNotFoundException", signed.admin_list_user_sessions, **of, Username="nobody")
fails("ResourceNotFoundException", signed.admin_revoke_user_session, **of, Username="alice", SessionId=one)
signed.admin_revoke_user_session(**dave, SessionId=one, RevokeAssociatedSessions="NONE")
fails("ResourceNotFoundException", signed.admin_revoke_user_session, **dave, SessionId=one)
fails("NotAuthorizedException", cognito.get_user, AccessToken=spare["AccessToken"])
message = fails("NotAuthorizedException", cognito.get_user, AccessToken=tokens["AccessToken"])
assert message == "Access Token has been revoked", message
configuration = {"UserSessionTracking": "ENABLED", "TokenSession": {"MaxPerUser": 20}}
got = signed.get_user_pool_session_configuration(**of)
assert got.items() >= {**of, **configuration}.items(), got
set_ = signed.set_user_pool_session_configuration(**of, **configuration)
assert set_.items() >= configuration.items(), set_
of_spa = {**of, "ClientId": SPA}
minutes = {"SSOSession": {"MaxValidityMinutes": 60}}
assert signed.get_user_pool_client_session_configuration(**of_spa).items() >= {**of_spa, **minutes}.items()
assert signed.set_user_pool_client_session_configuration(**of_spa, **minutes).items() >= minutes.items()
nothing = {**of, "ClientId": "nothing"}
fails("ResourceNotFoundException", signed.get_user_pool_client_session_configuration, **nothing)
fails("ResourceNotFoundException", signed.set_user_pool_client_session_configuration, **nothing, **minutes)
signed.set_user_pool_session_configuration(**of, **{**configuration, "UserSessionTracking": "DISABLED"})
fails("OperationNotEnabledException", signed.set_user_pool_client_session_configuration, **of_spa, **minutes)
fails("OperationNotEnabledException", signed.admin_list_user_sessions, **dave)
fails("OperationNotEnabledException", cognito.list_user_sessions, **by)
fails("OperationNotEnabledException", cognito.revoke_user_session, **by, SessionId=one)
fails("OperationNotEnabledException", signed.admin_revoke_user_session, **dave, SessionId=one)
signed.set_user_pool_session_configuration(**of, **configuration)
revoked = {"Token": other["RefreshToken"], "ClientId": SHOP}
fails("UnauthorizedException", cognito.revoke_token, **revoked)
fails("UnsupportedTokenTypeException", cognito.revoke_token, Token=other["AccessToken"], ClientId=SPA)
cognito.revoke_token(**revoked, ClientSecret=SECRET)
cognito.revoke_token(**revoked, ClientSecret=SECRET, RevokeAssociatedSessions="LINKED")
fails("NotAuthorizedException", cognito.get_user, **by)

# Own account.
by = {"AccessToken": sign_in("dave", SECOND)["AuthenticationResult"]["AccessToken"]}
assert cognito.get_user(**by)["Username"] == "dave"
sent = cognito.update_user_attributes(**by, UserAttributes=as_list({"email": "d@example.org", "locale": "en"}))
assert [one["Destination"] for one in sent["CodeDeliveryDetailsList"]] == ["d***@e***"], sent
fails("NotAuthorizedException", cognito.update_user_attributes, **by, UserAttributes=as_list({"email_verified": "true"}))
fails("InvalidParameterException", cognito.update_user_attributes, **by, UserAttributes=as_list({"team": "x"}))
fails("NotAuthorizedException", cognito.change_password, **by, PreviousPassword="wrong", ProposedPassword=FIRST)
fails("InvalidPasswordException", cognito.change_password, **by, PreviousPassword=SECOND, ProposedPassword="short")
cognito.change_password(**by, PreviousPassword=SECOND, ProposedPassword=FIRST)
cognito.global_sign_out(**by)
fails("NotAuthorizedException", cognito.get_user, **by)
held = sign_in("dave")["AuthenticationResult"]
signed.admin_user_global_sign_out(**dave)
fails("NotAuthorizedException", cognito.get_user, AccessToken=held["AccessToken"])
signed.admin_disable_user(**dave)
assert fails("NotAuthorizedException", sign_in, username="dave") == "User is disabled."
assert signed.list_users(**of, Filter='status = "Disabled"')["Users"][0]["Username"] == "dave"
signed.admin_enable_user(**dave)
sign_in("dave")

# New people, and those who have forgotten their password.
erin = {"ClientId": SHOP, "Username": "erin", "SecretHash": secret_hash("erin")}
made = cognito.sign_up(**erin, Password=FIRST, UserAttributes=as_list({"email": "erin@example.com"}))
assert made["UserConfirmed"] is False
assert made["CodeDeliveryDetails"] == {
    "Destination": "e***@e***",
    "DeliveryMedium": "EMAIL",
    "AttributeName": "email",
}
fails("UsernameExistsException", cognito.sign_up, **erin, Password=FIRST)
fails("InvalidPasswordException", cognito.sign_up, **{**erin, "Username": "f", "SecretHash": secret_hash("f")}, Password="x")
fails("NotAuthorizedException", cognito.sign_up, ClientId=SHOP, Username="f", Password=FIRST)
fails("NotAuthorizedException", cognito.sign_up, ClientId=SPA, Username="f", Password=FIRST, SecretHash="x")
fails("UserNotConfirmedException", sign_in, username="erin")
cognito.resend_confirmation_code(**erin)
fails("CodeMismatchException", cognito.confirm_sign_up, **erin, ConfirmationCode="000000")
cognito.confirm_sign_up(**erin, ConfirmationCode=CODE)
fails("NotAuthorizedException", cognito.confirm_sign_up, **erin, ConfirmationCode=CODE)
fails("InvalidParameterException", cognito.resend_confirmation_code, **erin)
assert as_dict(cognito.admin_get_user(**of, Username="erin")["UserAttributes"])["email_verified"] == "true"
cognito.sign_up(ClientId=SPA, Username="frank", Password=FIRST)
signed.admin_confirm_sign_up(**of, Username="frank")
fails("NotAuthorizedException", signed.admin_confirm_sign_up, **of, Username="frank")
cognito.forgot_password(ClientId=SPA, Username="frank")
cognito.forgot_password(ClientId=SPA, Username="nobody")
cognito.forgot_password(**erin)
reset = {**erin, "Password": SECOND}
fails("CodeMismatchException", cognito.confirm_forgot_password, **reset, ConfirmationCode="000000")
cognito.confirm_forgot_password(**reset, ConfirmationCode=CODE)
cognito.delete_user(AccessToken=sign_in("erin", SECOND)["AuthenticationResult"]["AccessToken"])
fails("UserNotFoundException", cognito.admin_get_user, **of, Username="erin")

# Groups.
role = "arn:aws:iam::123456789012:role/staff"
staff = {**of, "GroupName": "staff"}
group = signed.create_group(**staff, Description="Staff", RoleArn=role, Precedence=1)["Group"]
assert (group["RoleArn"], group["Precedence"]) == (role, 1), group
fails("GroupExistsException", signed.create_group, **staff)
fails("InvalidParameterException", signed.create_group, **of, GroupName="x", RoleArn="arn:nothing-of-the-kind")
fails("ResourceNotFoundException", signed.admin_add_user_to_group, **dave, GroupName="nothing")
fails("UserNotFoundException", signed.admin_add_user_to_group, **staff, Username="nobody")
for name in ("admin", "staff", "staff"):
    signed.admin_add_user_to_group(**dave, GroupName=name)
assert signed.get_group(**staff)["Group"] == group
assert [group["GroupName"] for group in signed.list_groups(**of)["Groups"]] == ["admin", "editor", "staff"]
assert [group["GroupName"] for group in signed.admin_list_groups_for_user(**dave)["Groups"]] == ["admin", "staff"]
first = signed.list_users_in_group(**of, GroupName="admin", Limit=1)
rest = signed.list_users_in_group(**of, GroupName="admin", NextToken=first["NextToken"])
assert [page["Users"][0]["Username"] for page in (first, rest)] == ["alice", "dave"]
fails("InvalidParameterException", signed.list_groups, **of, NextToken="made-up")
identity = claims(sign_in("dave")["AuthenticationResult"]["IdToken"])
assert identity["cognito:groups"] == ["staff", "admin"], identity
assert (identity["cognito:roles"], identity["cognito:preferred_role"]) == ([role], role)
signed.admin_remove_user_from_group(**dave, GroupName="admin")
signed.delete_group(**staff)
assert "cognito:groups" not in claims(sign_in("dave")["AuthenticationResult"]["IdToken"])
signed.admin_delete_user(**dave)

# What the pool is.
pool = signed.describe_user_pool(**of)["UserPool"]
assert (pool["Id"], pool["EstimatedNumberOfUsers"]) == (POOL, 4), pool
shop = signed.describe_user_pool_client(**of, ClientId=SHOP)["UserPoolClient"]
assert shop["ClientSecret"] == SECRET and "ALLOW_USER_PASSWORD_AUTH" in shop["ExplicitAuthFlows"], shop
assert "ExplicitAuthFlows" in signed.describe_user_pool_client(**of, ClientId="worker")["UserPoolClient"]
one = {**of, "ClientId": SHOP}
generated = signed.add_user_pool_client_secret(**one)["ClientSecretDescriptor"]
assert re.fullmatch(r"[\w+]{24,64}", generated["ClientSecretValue"]), generated
secrets = signed.list_user_pool_client_secrets(**one)["ClientSecrets"]
assert [secret["ClientSecretId"] for secret in secrets][1] == generated["ClientSecretId"], secrets
assert not any("ClientSecretValue" in secret for secret in secrets), secrets
fails("LimitExceededException", signed.add_user_pool_client_secret, **one)
signed.delete_user_pool_client_secret(**one, ClientSecretId=generated["ClientSecretId"])
fails("InvalidParameterException", signed.delete_user_pool_client_secret, **one, ClientSecretId=secrets[0]["ClientSecretId"])
fails("InvalidParameterException", signed.add_user_pool_client_secret, **of, ClientId=SPA)
clients = signed.list_user_pool_clients(**of, MaxResults=2)
assert [one["ClientId"] for one in clients["UserPoolClients"]] == [SHOP, SPA] and clients["NextToken"]
message = fails("UnknownOperationException", client().create_user_pool, PoolName="x")
assert '"CreateUserPool"' in message, message

# The judge sees what is wrong.
model = cognito.meta.service_model.operation_model("AdminGetUser")
good = answers["AdminGetUser"][0]
assert judge(model, good) == []
for wrong in [
    {**good, "Nonsense": 1},
    {**good, "Enabled": "true"},
    {**good, "UserStatus": "FINE"},
    {name: value for name, value in good.items() if name != "Username"},
]:
    assert judge(model, wrong), wrong

offered = set(message.split("It has ")[1].rstrip(".").split(", "))
assert offered == set(answers), offered ^ set(answers)
print("\n".join(sorted(answers)))
