using System.Collections.Concurrent;

namespace Azure.Messaging.ServiceBus.Broker;

/// <summary>Where a connection string leads: <c>sb://inprocess/NAME</c> or <c>sb://unix/PATH/TO/SOCKET</c>.</summary>
internal sealed record BrokerAddress(string Namespace, string BrokerName, string SocketPath)
{
    /// <summary>Before <c>+ NAME</c>: key of <see cref="AppContext"/> data under which tests leave the clock of an in-process broker.</summary>
    public const string ClockKey = "Azure.Messaging.ServiceBus.StandIn.TimeProvider/";

    private static readonly ConcurrentDictionary<string, MessageBroker> Brokers = new(StringComparer.Ordinal);

    public static BrokerAddress Parse(string connectionString)
    {
        ArgumentException.ThrowIfNullOrEmpty(connectionString);
        var endpoint = connectionString.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Where(static p => p.StartsWith("Endpoint=", StringComparison.OrdinalIgnoreCase)).Select(static p => p["Endpoint=".Length..]).FirstOrDefault();
        if (!Uri.TryCreate(endpoint, UriKind.Absolute, out var uri))
            throw new FormatException("The connection string could not be parsed; either it was malformed or contains no well-known tokens.");
        return uri.Host switch
        {
            "inprocess" => new BrokerAddress(uri.Host, uri.AbsolutePath.Trim('/'), null),
            "unix" => new BrokerAddress(uri.Host, null, Uri.UnescapeDataString(uri.AbsolutePath)),
            _ => throw NoNetwork($"Endpoint={endpoint}"),
        };
    }

    public static NotSupportedException NotCovered(string member) =>
        new($"{member} is not covered by the stand-in for Azure.Messaging.ServiceBus; build with the real package.");

    public static NotSupportedException NoNetwork(string what) =>
        new($"{what}: the stand-in for Azure.Messaging.ServiceBus reaches no network, only brokers at 'Endpoint=sb://inprocess/NAME' and "
            + "'Endpoint=sb://unix/PATH/TO/SOCKET'; build with the real package to reach Azure or the emulator.");

    public IBrokerLink Open(ServiceBusRetryOptions retry) => SocketPath is { } path
        ? new SocketLink(path, retry)
        : new LocalLink(Brokers.GetOrAdd(
            BrokerName, static name => new MessageBroker(AppContext.GetData(ClockKey + name) as TimeProvider ?? TimeProvider.System)));
}
