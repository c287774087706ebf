using System.Net.Sockets;
using Azure;
using Microsoft.Azure.WebJobs;
using Microsoft.Azure.WebJobs.Extensions.DurableTask;
using Microsoft.Azure.WebJobs.Host;
using Microsoft.Azure.WebJobs.Host.Config;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using ServerlessLoki.LocalCloud.FunctionsHost.Functions;
using ServerlessLoki.LocalCloud.FunctionsHost.Settings;

namespace ServerlessLoki.LocalCloud.FunctionsHost.Durable;

/// <summary>Real Durable extension in its own WebJobs host, whose functions call the worker.</summary>
internal sealed partial class DurableEngine(FunctionCaller caller, HostFile file, AppSettings settings, Func<Uri> address, ILoggerFactory logs, TimeProvider time)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);
    private readonly ILogger _logger = logs.CreateLogger<DurableEngine>();
    private IHost? _host;

    /// <summary>Tests whether any of the functions needs the engine.</summary>
    public static bool IsNeededFor(IEnumerable<FunctionInfo> functions) =>
        functions.Any(static f => f.DurableClients.Any() || f.Trigger.Is("orchestrationTrigger") || f.Trigger.Is("activityTrigger") || f.Trigger.Is("entityTrigger"));

    /// <summary>Starts the engine; tries again while its storage does not answer.</summary>
    /// <exception cref="SettingsException">The engine refuses its settings.</exception>
    /// <returns>Handler of requests to the engine's own addresses.</returns>
    public async Task<Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>>> StartAsync(IReadOnlyList<FunctionInfo> functions, CancellationToken cancellationToken)
    {
        var context = new DurableContext(caller, functions);
        var methods = DurableMethods.Emit(functions);
        caller.DurableClient = client => context.Clients[DurableMethods.ClientMethod(client)];
        for (var logged = false; ; logged = true)
        {
            var host = Build(methods, context);
            try
            {
                await host.StartAsync(cancellationToken);
                var jobs = host.Services.GetRequiredService<IJobHost>();
                foreach (var method in functions.SelectMany(static f => f.DurableClients).Select(DurableMethods.ClientMethod).Distinct(StringComparer.Ordinal))
                    await jobs.CallAsync(method, cancellationToken: cancellationToken);
                _host = host;
                var extension = host.Services.GetServices<IExtensionConfigProvider>().OfType<IAsyncConverter<HttpRequestMessage, HttpResponseMessage>>().Single();
                return extension.ConvertAsync;
            }
            catch (Exception exception) when (!IsAway(exception) && !cancellationToken.IsCancellationRequested)
            {
                host.Dispose();
                throw new SettingsException($"The Durable extension does not start with section extensions/durableTask of {HostFile.Name} and the app settings over it: {exception.GetBaseException().Message}");
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                if (!logged)
                    LogNotYet(_logger, Pause, exception.GetBaseException().Message);
                host.Dispose();
                await Task.Delay(Pause, time, cancellationToken);
            }
        }
    }

    /// <summary>Stops to take work and lets running work end, for as long as the token allows.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_host is not { } host)
            return;
        await host.StopAsync(cancellationToken);
        host.Dispose();
    }

    /// <summary>Tests whether any cause is a service that does not answer. A client whose retries are used up reports all of its tries at
    /// once.</summary>
    private static bool IsAway(Exception? exception) =>
        exception is RequestFailedException or SocketException or HttpRequestException or IOException or TimeoutException or OperationCanceledException
        || (exception is AggregateException several ? several.InnerExceptions.Any(IsAway) : exception is not null && IsAway(exception.InnerException));

    private IHost Build(Type methods, DurableContext context) => new HostBuilder()
        .ConfigureAppConfiguration(builder => builder
            .AddConfiguration(settings.Configuration)
            .AddInMemoryCollection(file.Durable.AsEnumerable(makePathsRelative: true).Select(static p => KeyValuePair.Create($"AzureWebJobs:extensions:durableTask:{p.Key}", p.Value))))
        .ConfigureWebJobs(builder => builder.AddDurableTask())
        .ConfigureServices(services =>
        {
            services.AddSingleton<ITypeLocator>(new FixedTypes(methods));
            services.AddSingleton(context);
            services.AddSingleton(logs);
#pragma warning disable CS0618 // The extension needs it.
            services.AddSingleton<IWebHookProvider>(new WebHooks(address));
#pragma warning restore CS0618
        })
        .Build();

    private sealed class FixedTypes(Type type) : ITypeLocator
    {
        public IReadOnlyList<Type> GetTypes() => [type];
    }

#pragma warning disable CS0618 // The extension needs it.
    private sealed class WebHooks(Func<Uri> address) : IWebHookProvider
    {
        public Uri GetUrl(IExtensionConfigProvider extensionConfigProvider) => address();
    }
#pragma warning restore CS0618

    [LoggerMessage(30, LogLevel.Warning, "The Durable engine cannot start yet and tries again every {Pause}: {Cause}")]
    private static partial void LogNotYet(ILogger logger, TimeSpan pause, string cause);
}
