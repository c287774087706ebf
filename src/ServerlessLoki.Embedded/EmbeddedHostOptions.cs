using System.Net;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using ServerlessLoki.Serving;
using ServerlessLoki.Serving.Api;
using ServerlessLoki.Serving.Inference.Transforms;
using ServerlessLoki.Serving.Api.Runs;

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

    /// <summary>Slots of the CPU, at least 1; null = eight per core.</summary>
    public int? Slots { get; init; }

    /// <summary>Address to listen on. Default loopback: the API has no access control of its own.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>TCP port; 0 = any free one.</summary>
    public int Port { get; init; }

    /// <summary>TCP port for HTTP/2 without TLS, where one port cannot tell both versions apart; 0 = any free one, null = none.</summary>
    public int? Http2Port { get; init; }

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
}
