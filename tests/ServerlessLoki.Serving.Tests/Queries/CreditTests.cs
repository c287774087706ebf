using FsCheck;
using FsCheck.Fluent;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Tests.Shared;

namespace ServerlessLoki.Serving.Tests.Queries;

public class CreditTests
{
    [Fact]
    public void Split_AnyTree_LeavesSumToTheWholeAndNeverOverlap()
    {
        var counts = Gen.Choose(1, 16).ListOf(5).Select(l => l.ToArray()).ToArbitrary();
        Prop.ForAll(counts, fanOuts =>
        {
            List<Credit> level = [Credit.Whole];
            foreach (var fanOut in fanOuts)
                level = [.. level.Take(50).SelectMany(c => Enumerable.Range(0, fanOut).Select(i => c.Split(i, fanOut))), .. level.Skip(50)];
            var sorted = level.OrderBy(c => c.Start).ToList();
            UInt128 next = 0;
            foreach (var credit in sorted)
            {
                if (credit.Start != next || credit.Length == 0)
                    return false;
                next += credit.Length;
            }

            return next == Credit.Whole.Length;
        }).Check(Properties.Cases());
    }

    [Fact]
    public void Split_MoreChildrenThanUnits_Throws()
    {
        var tiny = new Credit(0, 2);
        Assert.Throws<InvalidOperationException>(() => tiny.Split(0, 3));
    }
}
