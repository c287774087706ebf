using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

[assembly: TriggerExtension(typeof(TimerExtension))]

namespace Microsoft.Azure.Functions.Worker;

internal sealed class TimerExtension : TriggerExtension
{
    public override void Configure(IServiceCollection services, IReadOnlyList<FunctionMethod> functions)
    {
        services.TryAddSingleton(TimeProvider.System);
        foreach (var function in functions)
        {
            services.AddSingleton<IHostedService>(s => new TimerListener(
                function, s.GetRequiredService<AppSettings>(), s.GetRequiredService<FunctionInvoker>(), s.GetRequiredService<TimeProvider>(),
                s.GetRequiredService<ILogger<TimerListener>>()));
        }
    }
}
