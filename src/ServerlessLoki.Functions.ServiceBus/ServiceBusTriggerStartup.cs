using Grpc.Net.Client;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using ServerlessLoki.Functions.ServiceBus.Rpc;

[assembly: WorkerExtensionStartup(typeof(ServiceBusTriggerStartup))]

namespace Microsoft.Azure.Functions.Worker;

/// <summary>Registers the client of the host's settlement service; the generated code of a Function app calls it.</summary>
public sealed class ServiceBusTriggerStartup : WorkerExtensionStartup
{
    /// <inheritdoc />
    public override void Configure(IFunctionsWorkerApplicationBuilder applicationBuilder)
    {
        ArgumentNullException.ThrowIfNull(applicationBuilder);
        applicationBuilder.Services.AddSingleton(static services => new Settlement.SettlementClient(ChannelToHost(services.GetRequiredService<IConfiguration>())));
    }

    private static GrpcChannel ChannelToHost(IConfiguration configuration)
    {
        var address = configuration["Functions:Worker:HostEndpoint"] ?? $"http://{configuration["HOST"]}:{configuration["PORT"]}";
        return Uri.TryCreate(address, UriKind.Absolute, out var uri)
            ? GrpcChannel.ForAddress(uri)
            : throw new InvalidOperationException($"The Functions host's address is '{address}', which is no URI. The host sets it as Functions:Worker:HostEndpoint when it starts the worker.");
    }
}
