using ServerlessLoki.Cli.Plugins;
using ServerlessLoki.Embedded;
using ServerlessLoki.Nats.Connection;
using ServerlessLoki.Nats.Messaging;

namespace ServerlessLoki.Cli.Cluster;

/// <summary>What a process of a cluster that runs no models does.</summary>
internal sealed record ServingOptions
{
    /// <summary>Connection to NATS.</summary>
    public required NatsOptions Nats { get; init; }

    /// <summary>Options of queues.</summary>
    public QueueOptions Queues { get; init; } = new();

    /// <summary>Folder for pipeline files from the library.</summary>
    public required string Folder { get; init; }

    /// <summary>True to serve the HTTP API.</summary>
    public required bool ServesHttp { get; init; }

    /// <summary>True to plan.</summary>
    public required bool Plans { get; init; }

    /// <summary>Policy name.</summary>
    public required string Policy { get; init; }

    /// <summary>Forecaster name.</summary>
    public required string Forecaster { get; init; }

    /// <summary>Policies and forecasters that can be named.</summary>
    public required Known Known { get; init; }

    /// <summary>Where the API listens, who may call, and the loggers; what it serves is not read.</summary>
    public required EmbeddedHostOptions Host { get; init; }
}
