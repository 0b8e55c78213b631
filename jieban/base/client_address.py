"""Client address of a request that came through our own proxies."""

import ipaddress


def client_address(remote: str, forwarded: str, proxies: int) -> str:
    """Client address: the one that the outermost of our `proxies` saw; `remote` when there are none.

    Each of our proxies appends the address that called it to X-Forwarded-For. Only those entries count: whatever
    stands further left was sent by the caller and may be forged.
    """
    if not proxies:
        return remote
    written = [part.strip() for part in forwarded.split(",") if part.strip()]
    if len(written) < proxies:
        return remote
    seen = written[-proxies]
    try:
        return str(ipaddress.ip_address(seen))
    except ValueError:
        return remote


def network_of(address: str) -> str:
    """Network for rate limits: an IPv4 address itself; of an IPv6 address the /64 that one subscriber has."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.version == 4:
        return str(parsed)
    mapped = getattr(parsed, "ipv4_mapped", None)
    return str(mapped) if mapped else str(ipaddress.ip_network((parsed, 64), strict=False))
