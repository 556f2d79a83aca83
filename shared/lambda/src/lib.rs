//! crm-lambda.
