using ServerlessLoki.Serving.Memory;

namespace ServerlessLoki.Serving.Tests.Memory;

public sealed class LiveSetTests
{
    [Fact]
    public async Task Items_ManyThreadsComeAndGo_AreThoseThatStay()
    {
        const int Threads = 4, Each = 20_000, Staying = 50;
        var set = new LiveSet<object>();
        var kept = Enumerable.Range(0, Staying).Select(_ => Join(set, new object())).ToList();
        using var done = new CancellationTokenSource();
        var walker = Task.Run(() =>
        {
            var expected = kept.Select(p => p.Item!).ToHashSet(ReferenceEqualityComparer.Instance);
            do
                Assert.Equal(Staying, set.Items().Count(expected.Contains));
            while (!done.IsCancellationRequested);
        });
        await Task.WhenAll(Enumerable.Range(0, Threads).Select(_ => Task.Run(() =>
        {
            var mine = new Queue<LiveSet<object>.Place>();
            for (var i = 0; i < Each; i++)
            {
                mine.Enqueue(Join(set, new object()));
                if (mine.Count > 8)
                    set.Leave(mine.Dequeue());
            }

            foreach (var place in mine)
                set.Leave(place);
        })));
        await done.CancelAsync();
        await walker;
        Assert.Equal(kept.Select(p => p.Item!).ToHashSet(ReferenceEqualityComparer.Instance), set.Items().ToHashSet(ReferenceEqualityComparer.Instance));
    }

    [Fact]
    public void NewPlace_AfterOneLeft_IsUsedAgain()
    {
        var set = new LiveSet<string>();
        var first = set.NewPlace();
        first.Item = "a";
        set.Leave(first);
        Assert.Empty(set.Items());
        Assert.Same(first, set.NewPlace());
        Assert.NotSame(first, set.NewPlace());
    }

    private static LiveSet<object>.Place Join(LiveSet<object> set, object item)
    {
        var place = set.NewPlace();
        place.Item = item;
        return place;
    }
}
