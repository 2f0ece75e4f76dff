"""Tests of portal.roles."""
