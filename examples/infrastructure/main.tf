# A Cognito user pool for an app with rocket_cognito, as docs/infrastructure.md says.
#   terraform apply -var app_url=https://shop.example.com -var domain_prefix=shop-sign-in
terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 6.0"
    }
  }
}

variable "app_url" {
  description = "Where browsers reach the app, without a slash at the end, such as https://shop.example.com"
  type        = string
  validation {
    condition     = can(regex("^(https://[^/]+|http://localhost:[0-9]+)$", var.app_url))
    error_message = "Give an origin that begins with https, or http://localhost with a port."
  }
}

variable "domain_prefix" {
  description = "The name of the pool's sign-in pages; it must be free in the region"
  type        = string
}

variable "api_identifier" {
  description = "What scopes for machines begin with, as in shop/read"
  type        = string
  default     = "shop"
}

variable "plan" {
  description = "Managed login, levels of sign-in and session lists need ESSENTIALS or PLUS"
  type        = string
  default     = "ESSENTIALS"
}

data "aws_region" "current" {}

resource "aws_cognito_user_pool" "pool" {
  name                     = var.domain_prefix
  user_pool_tier           = var.plan
  deletion_protection      = "ACTIVE"
  username_attributes      = ["email"]
  auto_verified_attributes = ["email"]
  mfa_configuration        = "OPTIONAL"

  username_configuration {
    case_sensitive = false
  }
  software_token_mfa_configuration {
    enabled = true
  }
  account_recovery_setting {
    recovery_mechanism {
      name     = "verified_email"
      priority = 1
    }
  }
  password_policy {
    minimum_length                   = 12
    require_lowercase                = false
    require_numbers                  = false
    require_symbols                  = false
    require_uppercase                = false
    temporary_password_validity_days = 7
  }
}

resource "aws_cognito_user_pool_domain" "domain" {
  user_pool_id = aws_cognito_user_pool.pool.id
  domain       = var.domain_prefix
  # Managed login, which heeds `prompt`; 1 is the classic hosted UI, which does not.
  managed_login_version = 2
}

resource "aws_cognito_resource_server" "api" {
  user_pool_id = aws_cognito_user_pool.pool.id
  identifier   = var.api_identifier
  name         = var.api_identifier

  scope {
    scope_name        = "read"
    scope_description = "Read by the API"
  }
}

resource "aws_cognito_user_pool_client" "app" {
  user_pool_id                         = aws_cognito_user_pool.pool.id
  name                                 = "app"
  generate_secret                      = true
  allowed_oauth_flows_user_pool_client = true
  allowed_oauth_flows                  = ["code"]
  allowed_oauth_scopes                 = ["openid", "email", "profile", "aws.cognito.signin.user.admin"]
  callback_urls                        = ["${var.app_url}/auth/callback"]
  logout_urls                          = ["${var.app_url}/"]
  supported_identity_providers         = ["COGNITO"]
  explicit_auth_flows                  = ["ALLOW_REFRESH_TOKEN_AUTH"]
  enable_token_revocation              = true
  prevent_user_existence_errors        = "ENABLED"
  access_token_validity                = 30
  id_token_validity                    = 30
  refresh_token_validity               = 30

  token_validity_units {
    access_token  = "minutes"
    id_token      = "minutes"
    refresh_token = "days"
  }
}

# The pages have no look, and show an error, before there is one.
resource "aws_cognito_managed_login_branding" "look" {
  user_pool_id                = aws_cognito_user_pool.pool.id
  client_id                   = aws_cognito_user_pool_client.app.id
  use_cognito_provided_values = true
}

resource "aws_cognito_user_pool_client" "machine" {
  user_pool_id                         = aws_cognito_user_pool.pool.id
  name                                 = "machine"
  generate_secret                      = true
  allowed_oauth_flows_user_pool_client = true
  allowed_oauth_flows                  = ["client_credentials"]
  allowed_oauth_scopes                 = ["${aws_cognito_resource_server.api.identifier}/read"]
}

resource "aws_cognito_user_group" "group" {
  for_each = {
    admin  = "May enter the area for administrators"
    editor = "May write"
  }
  user_pool_id = aws_cognito_user_pool.pool.id
  name         = each.key
  description  = each.value
}

output "user_pool_id" {
  value = aws_cognito_user_pool.pool.id
}

output "client_id" {
  value = aws_cognito_user_pool_client.app.id
}

output "client_secret" {
  value     = aws_cognito_user_pool_client.app.client_secret
  sensitive = true
}

output "domain" {
  value = "https://${aws_cognito_user_pool_domain.domain.domain}.auth.${data.aws_region.current.region}.amazoncognito.com"
}

output "redirect_url" {
  value = "${var.app_url}/auth/callback"
}

output "logout_url" {
  value = "${var.app_url}/"
}

# The ids of clients whose bearer tokens the app accepts, beside its own.
output "accepted_client_ids" {
  value = aws_cognito_user_pool_client.machine.id
}
