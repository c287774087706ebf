using System.Net;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using ServerlessLoki.Embedded.Door;
using ServerlessLoki.Planning;
using ServerlessLoki.Serving;
using ServerlessLoki.Serving.Protocol;
using ServerlessLoki.Serving.Runs;
using ServerlessLoki.Serving.Stages;
using ServerlessLoki.Validation;

namespace ServerlessLoki.Embedded;

/// <summary>What an <see cref="EmbeddedHost"/> serves, and where.</summary>
public sealed record EmbeddedHostOptions
{
    /// <summary>Pipeline files; at least one. Model paths in them are relative to the file.</summary>
    public required IReadOnlyList<string> PipelineFiles { get; init; }

    /// <summary>Folder for runs and profiles, used by one process at a time; made if it is missing.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>Latencies as CSV; null = what was measured here before, else a quick measurement at the start.</summary>
    public string? ProfileFile { get; init; }

    /// <summary>Slots of the CPU, 1 to 65,536; null = eight per core.</summary>
    public int? Slots { get; init; }

    /// <summary>Address to listen on. Default loopback; another one needs <see cref="ApiKeys"/> or <see cref="AllowAnonymous"/>.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>TCP port, 0 to 65,535; 0 = any free one.</summary>
    public int Port { get; init; }

    /// <summary>TCP port for HTTP/2 without TLS, where one port cannot tell both versions apart; 0 = any free one, null = none.</summary>
    public int? Http2Port { get; init; }

    /// <summary>Keys of which callers must show one; null = none is asked for. Health is told without.</summary>
    public ApiKeys? ApiKeys { get; init; }

    /// <summary>True where other machines may reach the API without a key, because a front or the network keeps strangers out.</summary>
    public bool AllowAnonymous { get; init; }

    /// <summary>Names by which the host may be asked, beside localhost, addresses and the machine's name; <c>*</c> = any. Default none.</summary>
    public IReadOnlyList<string> AllowedHosts { get; init; } = [];

    /// <summary>Most connections, 1 to 1,000,000. At the limit those go that have been idle longest. Default 8192.</summary>
    public int MaxConnections { get; init; } = 8192;

    /// <summary>Time that a client has to go on taking an answer that does not fit its buffers; then its connection is cut. What is on its way has the time by 16 KiB/s besides. Default 5 s; above 0, at most a day.</summary>
    public TimeSpan MaxAnswerStall { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>TCP port for health probes and <c>/metrics</c> on a thread of their own, beside the main port, which has them too; 0 = any free
    /// one, null = none. For boxes that are to be probed while they refuse thousands of requests a second.</summary>
    public int? ProbePort { get; init; }

    /// <summary>Policy name; null = as in <see cref="Engine"/>.</summary>
    public string? Policy { get; init; }

    /// <summary>Settings of the engine.</summary>
    public EngineOptions Engine { get; init; } = new();

    /// <summary>Stage transforms that pipeline files may name; see <see cref="IStageTransform"/> for how to add one. Default: the built-in ones.</summary>
    public TransformRegistry Transforms { get; init; } = TransformRegistry.Default;

    /// <summary>Settings of durable runs.</summary>
    public RunOptions Runs { get; init; } = new();

    /// <summary>What a request may ask for.</summary>
    public InferLimits Limits { get; init; } = new();

    /// <summary>Loggers; not owned. Default: none.</summary>
    public ILoggerFactory LoggerFactory { get; init; } = NullLoggerFactory.Instance;

    /// <summary>Clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Everything that is out of its bounds, in these options and those within.</summary>
    public IReadOnlyList<Fault> Faults()
    {
        var check = new OptionCheck();
        check.Require(PipelineFiles.Count > 0, "none", "one pipeline file or more", nameof(PipelineFiles));
        check.Require(!string.IsNullOrWhiteSpace(DataDirectory), DataDirectory, "a folder", nameof(DataDirectory));
        check.Within(Slots, 1, 65_536);
        check.Within(Port, 0, 65_535);
        check.Within(Http2Port, 0, 65_535);
        check.Within(ProbePort, 0, 65_535);
        check.Within(MaxConnections, 1, 1_000_000);
        check.Require(MaxAnswerStall > TimeSpan.Zero && MaxAnswerStall <= TimeSpan.FromDays(1), MaxAnswerStall, "above 0 up to a day", nameof(MaxAnswerStall));
        if (Policy is not null)
            check.OneOf(Policy, PlanningPolicies.KnownNames);
        check.Add(Engine.Faults(nameof(Engine)));
        check.Add(Runs.Faults(nameof(Runs)));
        check.Add(Limits.Faults(nameof(Limits)));
        return check.Faults;
    }
}
