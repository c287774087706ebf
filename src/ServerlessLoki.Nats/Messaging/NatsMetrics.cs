using System.Diagnostics.Metrics;

namespace ServerlessLoki.Nats.Messaging;

/// <summary>Metrics of queues; all have the tag <c>queue</c>.</summary>
internal static class NatsMetrics
{
    public static readonly Histogram<double> SendMs =
        NatsTelemetry.Meter.CreateHistogram<double>("loki.nats.send", "ms", "Time to send one message, retries included.");

    public static readonly Histogram<double> SettleMs =
        NatsTelemetry.Meter.CreateHistogram<double>("loki.nats.settle", "ms", "Time to complete or give back one message.");

    public static readonly Counter<long> Received = NatsTelemetry.Meter.CreateCounter<long>("loki.nats.received", description: "Messages received.");

    public static readonly Counter<long> Redelivered =
        NatsTelemetry.Meter.CreateCounter<long>("loki.nats.redelivered", description: "Messages received that had been delivered before.");

    public static readonly Counter<long> Expired =
        NatsTelemetry.Meter.CreateCounter<long>("loki.nats.expired", description: "Messages dropped because their query had long been answered.");

    public static readonly Counter<long> DeadLetters =
        NatsTelemetry.Meter.CreateCounter<long>("loki.nats.dead_letters", description: "Messages that were put aside as dead letters.");

    public static readonly Counter<long> RepliesLost =
        NatsTelemetry.Meter.CreateCounter<long>("loki.nats.replies_lost", description: "Replies for an inbox that nobody reads any more.");

    public static KeyValuePair<string, object?> Queue(string name) => new("queue", name);
}
