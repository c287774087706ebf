using System.Net;
using ServerlessLoki.Validation;

namespace ServerlessLoki.Embedded.Door;

/// <summary>The host would listen to other machines without API keys, and anonymous access was not allowed explicitly.</summary>
public sealed class OpenDoorException : FaultException
{
    internal OpenDoorException(IPAddress address)
        : base("this host",
        [
            new Fault(
                nameof(EmbeddedHostOptions.Address), "other machines could reach the API without a key", address.ToString(),
                $"a loopback address, or {nameof(EmbeddedHostOptions.ApiKeys)}, or {nameof(EmbeddedHostOptions.AllowAnonymous)} where a front or the network keeps strangers out"),
        ])
    {
    }
}
