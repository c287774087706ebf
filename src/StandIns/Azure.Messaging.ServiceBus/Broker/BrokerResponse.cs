using System.Diagnostics.CodeAnalysis;
using Azure.Core;

namespace Azure.Messaging.ServiceBus.Broker;

/// <summary>What the package's REST answer is to its caller: a status without headers or body.</summary>
internal sealed class BrokerResponse(int status) : Response
{
    public override int Status => status;

    public override string ReasonPhrase => "";

    public override Stream ContentStream { get; set; }

    public override string ClientRequestId { get; set; } = "";

    public static Response<T> Of<T>(int status, T value) => FromValue(value, new BrokerResponse(status));

    public override void Dispose()
    {
    }

    protected override bool ContainsHeader(string name) => false;

    protected override IEnumerable<HttpHeader> EnumerateHeaders() => [];

    protected override bool TryGetHeader(string name, [NotNullWhen(true)] out string value)
    {
        value = null;
        return false;
    }

    protected override bool TryGetHeaderValues(string name, [NotNullWhen(true)] out IEnumerable<string> values)
    {
        values = null;
        return false;
    }
}
