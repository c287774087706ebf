using Azure.Core.Amqp;
using Azure.Messaging.ServiceBus;
using Microsoft.Azure.Functions.Worker.Converters;
using Microsoft.Azure.Functions.Worker.Core;
using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;

namespace Microsoft.Azure.Functions.Worker;

/// <summary>Converter of the host's data for a Service Bus message: the lock token, 16 bytes, then the AMQP encoding of the
/// message.</summary>
[SupportsDeferredBinding]
[SupportedTargetType(typeof(ServiceBusReceivedMessage))]
internal sealed class ServiceBusReceivedMessageConverter : IInputConverter
{
    private const string BindingSource = "AzureServiceBusReceivedMessage";
    private const string ContentType = "application/octet-stream";
    private const int LockTokenBytes = 16;

    public ValueTask<ConversionResult> ConvertAsync(ConverterContext context)
    {
        if (context.Source is not ModelBindingData data)
            return new(ConversionResult.Unhandled());
        try
        {
            return new(ConversionResult.Success(MessageOf(data)));
        }
        catch (Exception exception)
        {
            return new(ConversionResult.Failed(exception));
        }
    }

    private static ServiceBusReceivedMessage MessageOf(ModelBindingData data)
    {
        var content = data.Content.ToMemory();
        if (data.Source != BindingSource || data.ContentType != ContentType || content.Length <= LockTokenBytes)
        {
            throw new FormatException(
                $"The host sent {content.Length} bytes of '{data.ContentType}' from '{data.Source}' for a Service Bus message; expected are more than {LockTokenBytes} bytes of '{ContentType}' from '{BindingSource}'.");
        }

        return ServiceBusReceivedMessage.FromAmqpMessage(
            AmqpAnnotatedMessage.FromBytes(BinaryData.FromBytes(content[LockTokenBytes..])), BinaryData.FromBytes(content[..LockTokenBytes]));
    }
}
