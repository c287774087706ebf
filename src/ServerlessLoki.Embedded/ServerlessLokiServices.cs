using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using ServerlessLoki.Embedded;
using ServerlessLoki.Serving;
using ServerlessLoki.Serving.Http;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registration of ServerlessLoki in a user's app.</summary>
public static class ServerlessLokiServices
{
    /// <summary>Registers the serving of pipelines in this process: engine, durable runs and the services that <c>MapServerlessLoki</c>
    /// needs.</summary>
    /// <remarks>The engine starts and stops with the app. Code of the app asks it without HTTP by <see cref="IServingEngine"/>, once the app has
    /// started. Options are checked when the app starts: one <see cref="OptionsValidationException"/> lists every fault. Relative paths in them
    /// start at the app's content root.</remarks>
    /// <param name="services">Services of the app. Their loggers are used, and their <see cref="TimeProvider"/> where there is one.</param>
    /// <param name="configure">Sets options; null = they are configured elsewhere, for example from the app's configuration.</param>
    public static OptionsBuilder<ServerlessLokiOptions> AddServerlessLoki(this IServiceCollection services, Action<ServerlessLokiOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddLogging();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(static s => new LokiApiContext
        {
            Limits = s.GetRequiredService<IOptions<ServerlessLokiOptions>>().Value.Limits, Time = s.GetRequiredService<TimeProvider>(),
        });
        services.TryAddSingleton(static s => s.GetRequiredService<LokiApiContext>().Engine
            ?? throw new InvalidOperationException("The engine is there once the app has started: ask for it in ExecuteAsync or in a request, and not in the constructor of a hosted service."));
        services.AddHostedService<ServingService>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IPostConfigureOptions<ServerlessLokiOptions>, ServerlessLokiOptionsCheck>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<ServerlessLokiOptions>, ServerlessLokiOptionsCheck>());
        var options = services.AddOptions<ServerlessLokiOptions>().ValidateOnStart();
        return configure is null ? options : options.Configure(configure);
    }
}
