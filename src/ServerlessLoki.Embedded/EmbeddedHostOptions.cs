using System.Net;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using ServerlessLoki.Embedded.Door;
using ServerlessLoki.Validation;

namespace ServerlessLoki.Embedded;

/// <summary>Options of an <see cref="EmbeddedHost"/>: what it serves, and where it listens.</summary>
public sealed record EmbeddedHostOptions : ServerlessLokiOptions
{
    /// <summary>Address to listen on. Default loopback; another one needs <see cref="ApiKeys"/> or <see cref="AllowAnonymous"/>.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>TCP port, 0 to 65,535; 0 = any free one. Default 0.</summary>
    public int Port { get; init; }

    /// <summary>TCP port for HTTP/2 without TLS, where one port cannot tell both versions apart; 0 = any free one, null = none.</summary>
    public int? Http2Port { get; init; }

    /// <summary>API keys; callers must send one of them. Null = no key is needed. Health is available without a key.</summary>
    public ApiKeys? ApiKeys { get; init; }

    /// <summary>True where other machines may reach the API without a key, because a front end or the network keeps unknown callers
    /// out.</summary>
    public bool AllowAnonymous { get; init; }

    /// <summary>Names by which the host may be addressed, in addition to localhost, IP addresses and the machine's name; <c>*</c> = any.
    /// Default none.</summary>
    public IReadOnlyList<string> AllowedHosts { get; init; } = [];

    /// <summary>Most connections, 1 to 1,000,000. At the limit those that have been idle longest are closed. Default 8192.</summary>
    public int MaxConnections { get; init; } = 8192;

    /// <summary>Time that a client has to continue reading an answer that does not fit its buffers; then its connection is closed. Bytes
    /// under way have additional time at 16 KiB/s. Default 5 s; above 0, at most a day.</summary>
    public TimeSpan MaxAnswerStall { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>TCP port for health probes and <c>/metrics</c> on a thread of their own, in addition to the main port, which has them too;
    /// 0 = any free one, null = none. For machines that must answer probes while they refuse thousands of requests a second.</summary>
    public int? ProbePort { get; init; }

    /// <summary>Loggers; not owned. Default: none.</summary>
    public ILoggerFactory LoggerFactory { get; init; } = NullLoggerFactory.Instance;

    /// <summary>Clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <inheritdoc/>
    public override IReadOnlyList<Fault> Faults()
    {
        var check = new OptionCheck();
        check.Add(base.Faults());
        check.Within(Port, 0, 65_535);
        check.Within(Http2Port, 0, 65_535);
        check.Within(ProbePort, 0, 65_535);
        check.Within(MaxConnections, 1, 1_000_000);
        check.Require(MaxAnswerStall > TimeSpan.Zero && MaxAnswerStall <= TimeSpan.FromDays(1), MaxAnswerStall, "above 0 up to a day", nameof(MaxAnswerStall));
        return check.Faults;
    }
}
