using Microsoft.Azure.Functions.Worker.Converters;
using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;

namespace Microsoft.Azure.Functions.Worker;

/// <summary>Marks the parameter that receives a message of a Service Bus queue.</summary>
/// <param name="queueName">Name of the queue.</param>
/// <remarks>The package's attribute also binds topics, sessions and batches. A function that needs them needs the package.</remarks>
[AttributeUsage(AttributeTargets.Parameter)]
[InputConverter(typeof(ServiceBusReceivedMessageConverter))]
[ConverterFallbackBehavior(ConverterFallbackBehavior.Default)]
public sealed class ServiceBusTriggerAttribute(string queueName) : TriggerBindingAttribute
{
    /// <summary>Name of the queue.</summary>
    public string QueueName { get; } = queueName;

    /// <summary>Name of the app setting that holds the connection; null means <c>AzureWebJobsServiceBus</c>.</summary>
    public string? Connection { get; set; }

    /// <summary>True if the host completes a message when its function has ended without an exception.</summary>
    public bool AutoCompleteMessages { get; set; }
}
