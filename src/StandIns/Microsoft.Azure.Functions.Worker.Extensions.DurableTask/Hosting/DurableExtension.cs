using Microsoft.AspNetCore.Builder;
using Microsoft.Azure.Functions.Worker.Hosting;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

[assembly: TriggerExtension(typeof(DurableExtension))]

namespace Microsoft.Azure.Functions.Worker.Hosting;

/// <summary>The task hub <c>hubName</c> of host.json, in the folder that the setting <c>FunctionsHost:State</c> names.</summary>
internal sealed class DurableExtension : TriggerExtension
{
    public override void Configure(IServiceCollection services, IReadOnlyList<FunctionMethod> functions)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(s =>
        {
            var settings = s.GetRequiredService<AppSettings>();
            var folder = settings.Find("FunctionsHost:State") ?? Path.Combine(AppContext.BaseDirectory, ".functions");
            return new TaskHub(Path.Combine(folder, (settings.OfHost("extensions:durableTask:hubName") ?? "TestHubName") + ".db"));
        });
        services.AddSingleton<InProcessDurableClient>();
        services.AddSingleton<IInputBinding>(s => s.GetRequiredService<InProcessDurableClient>());
        services.AddSingleton<IHostedService>(s => new HubListener(
            s.GetRequiredService<TaskHub>(), functions, s.GetRequiredService<FunctionInvoker>(), s.GetRequiredService<TimeProvider>(),
            s.GetRequiredService<ILoggerFactory>()));
    }

    public override void Map(WebApplication app) => ManagementEndpoints.Map(app, app.Services.GetRequiredService<InProcessDurableClient>());
}
