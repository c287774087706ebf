using Microsoft.Azure.Amqp;
using Microsoft.Azure.Amqp.Framing;

namespace ServerlessLoki.LocalCloud.ServiceBus.Amqp;

/// <summary>Node <c>$cbs</c>, to which clients send tokens. Every token is accepted: the broker listens on loopback only.</summary>
internal static class TokenRequests
{
    public const string Address = "$cbs";

    public static AmqpMessage Answer()
    {
        var response = AmqpMessage.Create();
        response.ApplicationProperties = new ApplicationProperties();
        response.ApplicationProperties.Map["status-code"] = (int)AmqpResponseStatusCode.Accepted;
        response.ApplicationProperties.Map["status-description"] = "Accepted";
        return response;
    }
}
