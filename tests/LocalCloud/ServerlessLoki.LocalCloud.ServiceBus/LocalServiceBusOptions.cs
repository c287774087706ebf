namespace ServerlessLoki.LocalCloud.ServiceBus;

/// <summary>Options of a local broker.</summary>
public sealed record LocalServiceBusOptions
{
    /// <summary>Port of AMQP on loopback; 0 = a free one; default 5672, the official emulator's.</summary>
    public int AmqpPort { get; init; } = 5672;

    /// <summary>Port of the management interface on loopback; 0 = a free one; default 5300, the official emulator's.</summary>
    public int AdministrationPort { get; init; } = 5300;

    /// <summary>Folder for queues and messages, so that they outlive the process; null = in memory only.</summary>
    public string? DataFolder { get; init; }

    /// <summary>Clock of locks, time-to-live, schedules, idle queues and duplicate detection; default the system's.</summary>
    /// <remarks>Clients go by their own clock: with another one here, <c>LockedUntil</c>, <c>ExpiresAt</c> and
    /// <c>EnqueuedTime</c> are times of this clock, and a <c>ServiceBusProcessor</c>, which compares them with the real time to
    /// renew locks, needs one that starts at the real time. How long a receive waits is always real time: the client counts it.</remarks>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Time for a connection to become an AMQP connection before it is closed, in real time; default 10 s.</summary>
    public TimeSpan HandshakeTimeout { get; init; } = TimeSpan.FromSeconds(10);
}
