"""Nobody comes in unasked, too often, or into the access log by name."""

from template import target

PERSONAL = ("$context.identity", "$context.path", "$context.authorizer.claims", "$context.authorizer.principalId",
            "$context.customDomain", "$context.requestOverride", "$context.authorizer.jwt")


def _authorised(template):
    for name, route in template.of("AWS::ApiGatewayV2::Route"):
        authorizer = template.properties(target(route.get("AuthorizerId")))
        if route.get("AuthorizationType") != "JWT" or authorizer.get("AuthorizerType") != "JWT":
            yield name, f"{route.get('RouteKey')} asks nobody who they are"


def _throttled(template):
    for name, stage in template.of("AWS::ApiGatewayV2::Stage"):
        for route, settings in {"default": stage.get("DefaultRouteSettings", {}), **stage.get("RouteSettings", {})}.items():
            for limit in ("ThrottlingRateLimit", "ThrottlingBurstLimit"):
                if not template.number(settings.get(limit)):
                    yield name, f"{route} has no {limit}"


def _access_logged(template):
    for name, stage in template.of("AWS::ApiGatewayV2::Stage"):
        log = stage.get("AccessLogSettings", {})
        if template.kind(target(log.get("DestinationArn"))) != "AWS::Logs::LogGroup":
            yield name, "logs no access"
        for field in PERSONAL:
            if field in log.get("Format", ""):
                yield name, f"logs {field}, which names a person"


def _invoked_by_routes(template):
    """A function behind a route is open to that API's route only, not to every API of the account."""
    for name, permission in template.of("AWS::Lambda::Permission"):
        if "HttpApi" not in str(permission.get("SourceArn")) or "*" in str(permission.get("Action")):
            yield name, "lets callers in that are not this API"


RULES = {
    "authorised": _authorised,
    "throttled": _throttled,
    "access-log": _access_logged,
    "invoked-by-this-api": _invoked_by_routes,
}
