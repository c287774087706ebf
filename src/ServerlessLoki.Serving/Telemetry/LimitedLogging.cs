using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace ServerlessLoki.Serving.Telemetry;

/// <summary>Registration of the limit on log volume.</summary>
public static class LimitedLogging
{
    /// <summary>Puts a <see cref="LimitedLoggerFactory"/> in front of the host's own loggers.</summary>
    public static IServiceCollection AddLimitedLogging(this IServiceCollection services)
    {
        services.AddLogging();
        services.TryAddSingleton<LoggerFactory>();
        services.Replace(ServiceDescriptor.Singleton<ILoggerFactory>(
            static s => new LimitedLoggerFactory(s.GetRequiredService<LoggerFactory>(), s.GetService<TimeProvider>() ?? TimeProvider.System)));
        return services;
    }
}
