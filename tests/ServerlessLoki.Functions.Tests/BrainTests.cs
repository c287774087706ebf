using Azure.Messaging.ServiceBus.Administration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using ServerlessLoki.Functions.Setup;
using ServerlessLoki.LocalCloud.ServiceBus;
using ServerlessLoki.TestUtils;

namespace ServerlessLoki.Functions.Tests;

[Collection(StoredApp.Collection)]
public sealed class BrainTests(AzuriteFixture azurite)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Start_PlannerCannotBeBuilt_LeavesNoIngressRunning()
    {
        await using var bus = await LocalServiceBus.StartAsync(new LocalServiceBusOptions { AmqpPort = 0, AdministrationPort = 0 }, Stop);
        using var failures = new Failures();
        await using var app = await StoredApp.StartAsync(
            await azurite.ConnectionStringAsync(), bus,
            services => services
                .Replace(ServiceDescriptor.Singleton(s => FunctionSettings.Read(s.GetRequiredService<IConfiguration>()) with { Policy = "none" }))
                .AddLogging(l => l.AddProvider(failures)));
        // The second time is seconds after the first, in which an ingress would have made its inbox.
        await failures.Twice.WaitAsync(Stop);

        var names = new List<string>();
        await foreach (var queue in new ServiceBusAdministrationClient(bus.AdministrationConnectionString).GetQueuesAsync(Stop))
            names.Add(queue.Name);
        Assert.Equal(["stage-results"], names);
    }

    /// <summary>Hears that the app cannot start.</summary>
    private sealed class Failures : ILoggerProvider, ILogger
    {
        private readonly TaskCompletionSource _twice = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _count;

        public Task Twice => _twice.Task;

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (eventId.Id == 6000 && Interlocked.Increment(ref _count) == 2)
                _twice.TrySetResult();
        }

        public void Dispose()
        {
        }
    }
}
