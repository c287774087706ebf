using Microsoft.Extensions.Logging;
using ServerlessLoki.Nats.Connection;
using ServerlessLoki.Nats.Messaging;
using ServerlessLoki.Serving.Models;

namespace ServerlessLoki.Cli.Cluster;

/// <summary>Options of a worker of a cluster.</summary>
internal sealed record ClusterWorkerOptions
{
    /// <summary>Connection to NATS.</summary>
    public required NatsOptions Nats { get; init; }

    /// <summary>Options of queues.</summary>
    public QueueOptions Queues { get; init; } = new();

    /// <summary>Folder for files from the library.</summary>
    public required string Folder { get; init; }

    /// <summary>Device type.</summary>
    public required string Device { get; init; }

    /// <summary>Number of slots.</summary>
    public required int Slots { get; init; }

    /// <summary>Cores that batches use at the same time.</summary>
    public required int Cores { get; init; }

    /// <summary>Place of the machine; null = none.</summary>
    public string? Zone { get; init; }

    /// <summary>Execution provider of the models.</summary>
    public ExecutionProvider Provider { get; init; } = ExecutionProvider.Cpu;

    /// <summary>Clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Loggers; not owned.</summary>
    public required ILoggerFactory Logs { get; init; }
}
