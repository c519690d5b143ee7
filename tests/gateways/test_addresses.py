from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateways.addresses import is_loopback, is_public

PUBLIC = ["8.8.8.8", "1.1.1.1", "93.184.216.34", "2606:4700::6810:84e5", "2a00:1450:4007:80c::200e"]

# Where a server must never be led by an address from outside.
INSIDE = [
    "0.0.0.0", "10.0.0.1", "100.64.0.1", "100.127.255.254", "127.0.0.1", "127.255.255.254", "169.254.169.254",
    "172.16.0.1", "172.31.255.255", "192.0.0.8", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1",
    "198.51.100.7", "203.0.113.9", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1", "100::1", "2001::1", "2001:db8::1", "2002:7f00:1::", "2002:a9fe:a9fe::1", "3fff::1",
    "fc00::1", "fd12:3456::1", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1",
]  # fmt: skip

# What `ipaddress.is_private` alone lets through: the reason for a table of our own.
MISSED_BY_IS_PRIVATE = [
    "100.64.0.1",
    "192.88.99.1",
    "224.0.0.1",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
    "ff02::1",
]


@pytest.mark.parametrize("address", PUBLIC)
def test_ordinary_host_is_public(address: str):
    assert is_public(address)


@pytest.mark.parametrize("address", INSIDE)
def test_inner_address_is_not_public(address: str):
    assert not is_public(address)


@pytest.mark.parametrize("address", MISSED_BY_IS_PRIVATE)
def test_the_standard_library_alone_would_let_it_through(address: str):
    naive_says_public = not ip_address(address).is_private

    assert naive_says_public
    assert not is_public(address)


@given(st.ip_addresses())
def test_nothing_that_python_calls_inner_is_public(address: IPv4Address | IPv6Address):
    inner = address.is_private or address.is_loopback or address.is_multicast or address.is_link_local

    assert not (inner and is_public(str(address)))


@given(st.ip_addresses(v=4))
def test_an_address_inside_another_is_never_public(address: IPv4Address):
    value = int(address)
    wrapped = [
        IPv6Address((0xFFFF << 32) | value),
        IPv6Address((0x2002 << 112) | (value << 80) | 1),
        IPv6Address((0x64FF9B << 96) | value),
    ]

    assert not any(is_public(str(outer)) for outer in wrapped)


def test_loopback_is_this_machine_only():
    assert is_loopback("127.0.0.1")
    assert is_loopback("::1")
    assert not is_loopback("10.0.0.1")
