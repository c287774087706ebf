using System.Diagnostics.Metrics;
using Azure.Core;
using Azure.Core.Pipeline;

namespace ServerlessLoki.Azure.Storage;

/// <summary>Counter of each try by the service's answer, so that a throttled or failing service is visible although retries
/// succeed.</summary>
/// <param name="service">Label of the service.</param>
internal sealed class TryMeter(string service) : HttpPipelinePolicy
{
    private static readonly Counter<long> Tries =
        AzureTelemetry.Meter.CreateCounter<long>("loki.azure.tries", "{try}", "Requests to Azure by service and status; 0 = no answer.");

    public override async ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
    {
        var status = 0;
        try
        {
            await ProcessNextAsync(message, pipeline);
            status = message.Response.Status;
        }
        finally
        {
            Count(status);
        }
    }

    public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
    {
        var status = 0;
        try
        {
            ProcessNext(message, pipeline);
            status = message.Response.Status;
        }
        finally
        {
            Count(status);
        }
    }

    private void Count(int status)
    {
        if (Tries.Enabled)
            Tries.Add(1, new KeyValuePair<string, object?>("service", service), new KeyValuePair<string, object?>("status", status));
    }
}
