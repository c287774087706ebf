using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

[assembly: TriggerExtension(typeof(ServiceBusExtension))]

namespace Microsoft.Azure.Functions.Worker;

internal sealed class ServiceBusExtension : TriggerExtension
{
    public override void Configure(IServiceCollection services, IReadOnlyList<FunctionMethod> functions)
    {
        foreach (var function in functions)
        {
            services.AddSingleton<IHostedService>(s => new QueueListener(
                function, s.GetRequiredService<AppSettings>(), s.GetRequiredService<FunctionInvoker>(), s.GetRequiredService<ILogger<QueueListener>>()));
        }
    }
}
