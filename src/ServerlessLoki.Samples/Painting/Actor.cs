namespace ServerlessLoki.Samples.Painting;

/// <summary>Something placed on the street. A null kind is furniture, and <paramref name="Label"/> then its sort.</summary>
internal sealed record Actor(
    SceneObjectKind? Kind, int Label, int Lane, double Left, double Right, double Ground, double Scale, int Direction, ulong Seed)
{
    /// <summary>Draws the actor, the same each time.</summary>
    public void Draw(Canvas canvas)
    {
        var random = new SceneRandom(Seed);
        var pen = new Pen(canvas, Direction > 0 ? Left : Right, Ground, Scale, Direction);
        switch (Kind)
        {
            case SceneObjectKind.Car:
                VehiclePainter.Draw(pen, Label, random);
                break;
            case SceneObjectKind.Person:
                PersonPainter.Draw(pen, Label, random);
                break;
            default:
                StreetPainter.Furniture(canvas, Label, Left, Ground, Scale, random);
                break;
        }
    }
}
