using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using ServerlessLoki.TestUtils;

namespace ServerlessLoki.Azure.Tests.ServiceBus;

public sealed class ServiceBusMetricsTests
{
    [Fact]
    public async Task Calls_OfEveryKind_AreMeasuredWithTheirOutcome()
    {
        await using var bus = await TestNamespace.StartAsync();
        var seen = new ConcurrentDictionary<(string Operation, string Outcome), byte>();
        using var listener = new MeterListener
        {
            InstrumentPublished = static (instrument, l) =>
            {
                if (instrument.Name is "loki.servicebus.call" or "loki.azure.call.duration")
                    l.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<double>((_, _, tags, _) =>
        {
            var values = tags.ToArray().ToDictionary(t => t.Key, t => t.Value as string);
            if (values.GetValueOrDefault("queue") is not { } queue || queue == TestNamespace.Queue)
                seen[(values["operation"]!, values["outcome"]!)] = 0;
        });
        listener.Start();

        await bus.Keeper.EnsureAsync([TestNamespace.Stage], CancellationToken.None);
        await bus.Sender.SendAsync(TestNamespace.Stage, Messages.Message("a"), CancellationToken.None);
        await using (var receiver = bus.Worker().OpenReceiver(TestNamespace.Stage, static () => { }))
        {
            await TestNamespace.Eventually(() => receiver.Count == 1, "the message was received");
            await bus.Passing(
                bus.Options.LockDuration / 5,
                () => Task.FromResult(seen.ContainsKey(("renew", "ok")) && seen.ContainsKey(("peek", "ok"))), "its lock was renewed, and dead letters were looked for");
        }

        await bus.Keeper.RetireAsync([], CancellationToken.None);
        Assert.All(
            [("receive", "ok"), ("renew", "ok"), ("peek", "ok"), ("queue.list", "ok"), ("queue.create", "ok"), ("queue.look", "ok")],
            call => Assert.True(seen.ContainsKey(call), $"{call} was not measured."));
    }
}
