"""Tests of portal.activity."""
