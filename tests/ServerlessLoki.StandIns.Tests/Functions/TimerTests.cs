using System.Threading.Channels;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;
using ServerlessLoki.StandIns.Tests.ServiceBus;

namespace ServerlessLoki.StandIns.Tests.Functions;

public sealed class TimerTests
{
    [Fact]
    public async Task Timer_AsTimeGoesBy_FiresAtItsTimes()
    {
        var time = new ManualTime();
        var calls = Channel.CreateUnbounded<DateTime>();
        await using var app = await HostedApp.StartAsync(
            [nameof(Clock.Tick)], settings: ["--Every=*/10 * * * * *"],
            services: s => s.AddSingleton<TimeProvider>(time).AddSingleton(calls));

        // The listener starts by itself, so the first time is any; each further one is the next.
        List<DateTime> due = [];
        while (due.Count < 3)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(5, TestContext.Current.CancellationToken);
            while (calls.Reader.TryRead(out var one))
                due.Add(one);
        }

        Assert.All(due, d => Assert.Equal(0, d.Second % 10));
        Assert.Equal(due.Order(), due);
        Assert.Distinct(due);
    }
}

/// <summary>A timer function that says when it was due.</summary>
public sealed class Clock(Channel<DateTime> calls)
{
    [Function(nameof(Tick))]
    public async Task Tick([TimerTrigger("%Every%")] TimerInfo timer, CancellationToken cancellationToken) =>
        await calls.Writer.WriteAsync(timer.ScheduleStatus!.Next, cancellationToken);
}
