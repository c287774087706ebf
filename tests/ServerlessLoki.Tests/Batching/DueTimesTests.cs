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
    public void RemoveFirst_Empty_Throws() => Assert.Throws<InvalidOperationException>(new DueTimes().RemoveFirst);
}
