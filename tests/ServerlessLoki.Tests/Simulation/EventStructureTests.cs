using ServerlessLoki.Simulation.Events;
using ServerlessLoki.Simulation.Rules;

namespace ServerlessLoki.Tests.Simulation;

public sealed class EventStructureTests
{
    [Fact]
    public void EventHeap_RandomMoves_AlwaysGivesTheEarliest()
    {
        var random = new Random(1);
        var heap = new EventHeap();
        heap.Reserve(50);
        var expected = new Dictionary<int, long>();
        for (var step = 0; step < 20_000; step++)
        {
            var actor = random.Next(50);
            if (random.Next(3) == 0)
            {
                heap.Remove(actor);
                expected.Remove(actor);
            }
            else
            {
                var at = random.Next(1000);
                heap.Set(actor, at);
                expected[actor] = at;
            }

            Assert.Equal(expected.Count == 0 ? long.MaxValue : expected.Values.Min(), heap.NextUs);
            if (expected.Count > 0)
                Assert.Equal(heap.NextUs, expected[heap.NextActor]);
            Assert.Equal(expected.ContainsKey(actor), heap.IsSet(actor));
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(50)]
    [InlineData(100_000)]
    public void RowQueue_AnyOrder_TakesByDeadlineThenByArrival(int spread)
    {
        var random = new Random(spread);
        var queue = new RowQueue();
        var expected = new PriorityQueue<int, (long, int)>();
        for (var row = 0; row < 5000; row++)
        {
            var order = row + random.Next(spread);
            queue.Add(order, row);
            expected.Enqueue(row, (order, row));
            for (var i = random.Next(row % 1000 < 700 ? 2 : 4); i > 0 && queue.Count > 0; i--)
                Assert.Equal(expected.Dequeue(), queue.Take());
        }

        while (queue.Count > 0)
            Assert.Equal(expected.Dequeue(), queue.Take());
        Assert.Equal(0, expected.Count);
    }

    [Fact]
    public void LatencyHistogram_Quantile_IsWithinItsPromise()
    {
        var random = new Random(3);
        var values = Enumerable.Range(0, 20_000).Select(_ => (long)Math.Exp(random.NextDouble() * 18)).ToArray();
        var histogram = new LatencyHistogram();
        foreach (var value in values)
            histogram.Add(value);
        Array.Sort(values);

        foreach (var share in new[] { 0.01, 0.5, 0.9, 0.99, 1.0 })
        {
            var exact = values[(int)Math.Ceiling(share * values.Length) - 1];
            Assert.Equal(exact, histogram.Quantile(share), 0.004 * exact);
        }

        histogram.Clear();
        Assert.True(double.IsNaN(histogram.Quantile(0.5)));
    }

    [Fact]
    public void HopRing_GrowsWhileWrapped_KeepsItsOrder()
    {
        var ring = new HopRing();
        int next = 0, expected = 0;
        for (var i = 0; i < 1000; i++)
        {
            for (var k = 0; k < 3; k++)
                ring.Add(next, next++);
            Assert.Equal(expected, ring.NextUs);
            Assert.Equal(expected++, ring.Take());
        }

        while (ring.NextUs != long.MaxValue)
            Assert.Equal(expected++, ring.Take());
        Assert.Equal(3000, expected);
    }
}
