"""From which address a request came, when proxies of ours stand before the platform."""

import ipaddress


def client_address(remote: str, forwarded: str, proxies: int) -> str:
    """The address that the outermost of our `proxies` saw; `remote` when there is none of ours.

    Each proxy of ours writes the address it was called from at the end of X-Forwarded-For. Only what our own
    proxies wrote counts: whatever stands further left was sent by the caller and may be invented.
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
    """What a limit counts by: an IPv4 address itself, of IPv6 the /64 that one subscriber has."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.version == 4:
        return str(parsed)
    mapped = getattr(parsed, "ipv4_mapped", None)
    return str(mapped) if mapped else str(ipaddress.ip_network((parsed, 64), strict=False))
