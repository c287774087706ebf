using ServerlessLoki.Batching;

namespace ServerlessLoki.Tests.Batching;

public sealed class DueTimesTests
{
    [Fact]
    public void CountAfter_AnyOrderOfAddingAndTaking_CountsLikeASortedList()
    {
        var random = new Random(7);
        var (times, expected) = (new DueTimes(), new List<long>());
        for (var step = 0; step < 5_000; step++)
        {
            // Grows to a hundred or so, empties at times.
            if (expected.Count > 0 && random.Next(expected.Count + 20) > 60)
            {
                times.RemoveFirst();
                expected.RemoveAt(0);
            }
            else
            {
                var due = random.Next(50);
                times.Add(due);
                expected.Add(due);
                expected.Sort();
            }

            var at = random.Next(-1, 51);
            Assert.Equal((expected.Count, expected.Count(t => t > at)), (times.Count, times.CountAfter(at)));
        }
    }

    [Fact]
    public async Task CountAfter_WhileAnotherThreadAddsAndTakes_CountsWhatStays()
    {
        // Forty rows stay for good; rows before and between them come and go, and the array is replaced all the time.
        var times = new DueTimes();
        for (var i = 0; i < 40; i++)
            times.Add(1_000 + i);
        using var done = new CancellationTokenSource();
        var readers = Enumerable.Range(0, 3).Select(_ => Task.Run(() =>
        {
            var reads = 0;
            for (; reads == 0 || !done.IsCancellationRequested; reads++)
                Assert.Equal((40, 30), (times.CountAfter(999), times.CountAfter(1_009)));
            return reads;
        })).ToArray();
        for (var i = 0; i < 200_000; i++)
        {
            times.Add(i % 999);
            if (i % 3 == 2)
            {
                times.RemoveFirst();
                times.RemoveFirst();
                times.RemoveFirst();
            }
        }

        await done.CancelAsync();
        Assert.All(await Task.WhenAll(readers), reads => Assert.True(reads > 0));
        Assert.Equal(40 + (200_000 % 3), times.Count);
    }

    [Fact]
    public void RemoveFirst_Empty_Throws() => Assert.Throws<InvalidOperationException>(new DueTimes().RemoveFirst);
}
