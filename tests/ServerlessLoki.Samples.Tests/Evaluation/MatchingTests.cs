using ServerlessLoki.Samples.Evaluation;

namespace ServerlessLoki.Samples.Tests.Evaluation;

public sealed class MatchingTests
{
    private static readonly SceneObject s_car = new(SceneObjectKind.Car, 0, new SceneBox(0, 0, 10, 10), 1);

    [Fact]
    public void Match_TwoDetectionsOfOneObject_GivesItToTheFirst() =>
        Assert.Equal([0, -1], Matching.Match([Found(0, 0, 10, 9), Found(0, 0, 10, 10)], [s_car]));

    [Fact]
    public void Match_IouBelowHalf_IsAMiss() =>
        Assert.Equal([-1], Matching.Match([Found(0, 0, 4.9, 10)], [s_car]));

    [Fact]
    public void Match_IouOfExactlyHalf_IsAHit() =>
        Assert.Equal([0], Matching.Match([Found(0, 0, 5, 10)], [s_car]));

    [Fact]
    public void Match_OtherKind_IsAMiss() =>
        Assert.Equal([-1], Matching.Match([Found(0, 0, 10, 10) with { Kind = SceneObjectKind.Person }], [s_car]));

    [Fact]
    public void Match_TwoObjects_TakesTheOneThatOverlapsMore()
    {
        var other = s_car with { Box = new SceneBox(1, 0, 11, 10) };

        Assert.Equal([1], Matching.Match([Found(1, 0, 11, 10)], [s_car, other]));
    }

    private static Detection Found(double x1, double y1, double x2, double y2) => new(SceneObjectKind.Car, 0.9f, new SceneBox(x1, y1, x2, y2));
}
