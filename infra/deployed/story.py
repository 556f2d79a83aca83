"""An order's way through the deployed system, told by what a person outside can see."""

import json
import time
import uuid
from datetime import UTC, datetime
from itertools import count
from urllib.parse import quote

import orders

PATIENCE_SECONDS = 45
SECRET = "the shop's own secret"
VIEWER = "viewer@example.com"
PASSWORD = "Correct-Horse-7-Staple"

_numbers = count(1)


class Failed(Exception):
    """The story did not come true; the text says where it broke."""


class Story:
    """One story after another on the same stack; each has a customer of its own."""

    def __init__(self, stack, patience_seconds=PATIENCE_SECONDS):
        self.stack = stack
        self.patience_seconds = patience_seconds

    def run(self):
        """All of it, from the secret to the mail.

        Raises Failed at the first thing that is not as it should be.
        """
        self.waiting_before = self.waiting_for_a_person()
        self.put_secret()
        self.token = self.sign_in()
        self.refuses_strangers()
        self.an_order_becomes_a_customer()
        self.time_passes()
        self.nothing_was_given_up()

    def an_order_becomes_a_customer(self):
        """A signed order comes in: its customer can be read, with the order counted, and is welcomed by mail."""
        number = next(_numbers)
        email = f"ada.{number}@example.com"
        self.expect(200, "POST", "/webhooks/shopify", *orders.webhook(number, email, SECRET))
        self.until(lambda: self.orders_of(email) == 1, "the customer is readable with one order")
        self.until(lambda: self.mails_to(email) == 1, "the customer has been welcomed by mail")

    def refuses_strangers(self):
        """No signature, a wrong one, no token, a forged one: 401, all of them."""
        headers, body = orders.webhook(0, "mallory@example.com", "another secret")
        unsigned = {name: value for name, value in headers.items() if name != "X-Shopify-Hmac-Sha256"}
        self.expect(401, "POST", "/webhooks/shopify", headers, body)
        self.expect(401, "POST", "/webhooks/shopify", unsigned, body)
        self.expect(401, "GET", "/v1/customers?email=mallory%40example.com")
        # The last characters of a signature hold its padding bits; the first cannot be changed unnoticed.
        head, claims, signature = self.token.split(".")
        forged = ".".join((head, claims, ("B" if signature[0] == "A" else "A") + signature[1:]))
        self.expect(401, "GET", "/v1/customers?email=mallory%40example.com", {"Authorization": f"Bearer {forged}"})

    def time_passes(self):
        """Each clock ticks once, with what its schedule would send: the emulator does not fill the time in itself."""
        now = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        schedules = self.stack.client("scheduler")
        for listed in schedules.list_schedules()["Schedules"]:
            target = schedules.get_schedule(Name=listed["Name"])["Target"]
            tick = target["Input"].replace("<aws.scheduler.scheduled-time>", now)
            answer = self.stack.client("lambda").invoke(FunctionName=target["Arn"], Payload=tick)
            if "FunctionError" in answer:
                raise Failed(f"{listed['Name']} failed: {answer['Payload'].read()[:300]!r}")

    def nothing_was_given_up(self):
        """No message and no record has joined those that wait for a person."""
        for queue, waiting in self.waiting_for_a_person().items():
            if waiting > self.waiting_before[queue]:
                raise Failed(f"{queue} holds {waiting}, {self.waiting_before[queue]} before")

    def waiting_for_a_person(self):
        """How many messages each dead-letter and parked queue holds."""
        queues, attribute = self.stack.client("sqs"), "ApproximateNumberOfMessages"
        return {
            name: int(queues.get_queue_attributes(QueueUrl=url, AttributeNames=[attribute])["Attributes"][attribute])
            for name, url in self.stack.outputs.items()
            # The emulator's own ticks carry the placeholder of their time unfilled, and land in the one left out.
            if name.endswith(("DeadLettersUrl", "ParkedUrl")) and name != "SchedulesDeadLettersUrl"
        }

    def put_secret(self):
        """Puts the shop's secret where the template made room for it."""
        self.stack.client("secretsmanager").put_secret_value(
            SecretId=self.stack.outputs["ShopifySecretArn"], SecretString=SECRET, ClientRequestToken=str(uuid.uuid4())
        )

    def sign_in(self):
        """A viewer's token; the viewer is made when missing."""
        users, pool = self.stack.client("cognito-idp"), self.stack.outputs["StaffPoolId"]
        try:
            users.admin_create_user(UserPoolId=pool, Username=VIEWER, MessageAction="SUPPRESS")
        except users.exceptions.UsernameExistsException:
            pass
        users.admin_set_user_password(UserPoolId=pool, Username=VIEWER, Password=PASSWORD, Permanent=True)
        users.admin_add_user_to_group(UserPoolId=pool, Username=VIEWER, GroupName="viewer")
        answer = users.admin_initiate_auth(
            UserPoolId=pool, ClientId=self.stack.outputs["StaffClientId"], AuthFlow="ADMIN_USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": VIEWER, "PASSWORD": PASSWORD},
        )
        return answer["AuthenticationResult"]["AccessToken"]

    def orders_of(self, email):
        """How many orders the API counts for this customer; None while there is no such customer."""
        path = f"/v1/customers?email={quote(email, safe='')}"
        status, body = self.stack.call("GET", path, {"Authorization": f"Bearer {self.token}"})
        if status != 200:
            return None
        found = json.loads(body)["items"]
        return found[0]["orders_count"] if len(found) == 1 else None

    def mails_to(self, email):
        """How many mails went to this address."""
        return sum(email in mail["To"] for mail in self.stack.mails())

    def expect(self, status, method, path, headers=None, body=None):
        """One request whose answer is known."""
        got, text = self.stack.call(method, path, headers, body)
        if got != status:
            raise Failed(f"{method} {path} answered {got}, not {status}: {text[:300]!r}")

    def until(self, holds, what):
        """Waits until it holds: queues and streams take their time."""
        until = time.monotonic() + self.patience_seconds
        while time.monotonic() < until:
            if holds():
                return
            time.sleep(0.1)
        raise Failed(f"not after {self.patience_seconds:.0f} s: {what}")
