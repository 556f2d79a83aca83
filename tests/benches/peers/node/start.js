// Starts as a Node function would: the client made, the first event asked for.
const http = require("node:http");
const { DynamoDBClient } = require("@aws-sdk/client-dynamodb");

new DynamoDBClient({});
http.get(`http://${process.env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime/invocation/next`);
