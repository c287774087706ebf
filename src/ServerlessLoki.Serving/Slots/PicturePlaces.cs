using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Imaging;
using ServerlessLoki.Serving.Models;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Stages;

namespace ServerlessLoki.Serving.Slots;

/// <summary>Positions of the queries' images in the rows of a forming batch, by which boxes that a model finds are mapped back to the
/// images.</summary>
internal sealed class PicturePlaces(ModelTensor input, ImageForm form, int rows)
{
    private readonly ImageShape? _shape = ImageShape.Of(input);
    private readonly ImagePlacement?[] _places = new ImagePlacement?[rows];

    /// <summary>Sets the position of a row that shows a part of an image.</summary>
    public void Set(int row, int width, int height, ImageRegion region) =>
        _places[row] = _shape is null ? null : ImagePlacement.Of(width, height, region, _shape, form);

    /// <summary>Clears the position of a row that shows no image: its boxes stay in fractions of the input.</summary>
    public void Clear(int row) => _places[row] = null;

    /// <summary>Where a row shows its picture; null where it shows none.</summary>
    public (ImagePlacement Placement, ImageShape Shape)? Of(int row) => _places[row] is { } place && _shape is not null ? (place, _shape) : null;

    /// <summary>Turns a row's boxes back; those that lie in the border go, and with them their entries of <paramref name="places"/>.</summary>
    public void TurnBack(int row, List<OutputRow> boxes, List<int> places)
    {
        if (_places[row] is not { } place || _shape is null)
            return;
        var kept = 0;
        for (var i = 0; i < boxes.Count; i++)
        {
            var turned = place.OnPicture(boxes[i], _shape);
            if (turned.X2 > turned.X1 && turned.Y2 > turned.Y1)
            {
                boxes[kept] = turned;
                places[kept++] = places[i];
            }
        }

        boxes.RemoveRange(kept, boxes.Count - kept);
        places.RemoveRange(kept, places.Count - kept);
    }
}
