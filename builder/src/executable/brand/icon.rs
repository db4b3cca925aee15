//! Icons: a picture in the sizes that Windows uses.
//!
//! An .ico is used unchanged if every image in it can be decoded. A PNG is scaled down, and an SVG is drawn for each size.
//! The sizes: <https://learn.microsoft.com/en-us/windows/apps/design/style/iconography/app-icon-construction>.

use std::fs;
use std::io::Cursor;
use std::path::Path;

use anyhow::{Context as _, ensure};
use ico::{IconDir, IconDirEntry, IconImage, ResourceType};
use resvg::tiny_skia::{FilterQuality, Pixmap, PixmapPaint, Transform};
use resvg::usvg;

use crate::report::Report;
use crate::report::failure::Help as _;

/// At 100 % and at the scales up to 400 %, for title bars, taskbar, lists and tiles.
const SIZES: [u32; 9] = [16, 20, 24, 32, 40, 48, 64, 128, 256];
/// Images of this size and above are stored as PNG. Smaller ones would gain little, and old programs read only bitmaps.
const PNG_FROM: u32 = 64;
/// More than any icon needs. It keeps a large photograph from using up the memory.
const LARGEST: u32 = 4096;

/// An icon: one picture in several sizes.
#[derive(Debug)]
pub(super) struct Icon {
    pub(super) images: Vec<Stored>,
}

/// One size, as it is stored in a resource.
#[derive(Debug)]
pub(super) struct Stored {
    width: u32,
    height: u32,
    bits: u16,
    /// A PNG, or a bitmap without its file header.
    pub(super) data: Vec<u8>,
}

impl Icon {
    /// The directory in a group resource: as at the start of an .ico, but with the number of the image's resource instead
    /// of its offset (`NEWHEADER`, `RESDIR`: <https://learn.microsoft.com/en-us/windows/win32/menurc/newheader>).
    pub(super) fn group(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for number in [0, 1, self.images.len() as u16] {
            bytes.extend(number.to_le_bytes());
        }
        for (number, image) in (1_u16..).zip(&self.images) {
            // 256 is written as 0.
            bytes.extend([image.width as u8, image.height as u8, 0, 0]);
            bytes.extend(1_u16.to_le_bytes());
            bytes.extend(image.bits.to_le_bytes());
            bytes.extend((image.data.len() as u32).to_le_bytes());
            bytes.extend(number.to_le_bytes());
        }
        bytes
    }
}

impl Icon {
    /// The largest image, as a PNG.
    pub(super) fn png(&self) -> anyhow::Result<Vec<u8>> {
        let largest = self.images.iter().max_by_key(|image| image.width).context("it holds no image")?;
        if largest.data.starts_with(b"\x89PNG") {
            return Ok(largest.data.clone());
        }
        let mut png = Vec::new();
        largest.decoded()?.write_png(&mut png)?;
        Ok(png)
    }
}

impl Stored {
    fn decoded(&self) -> anyhow::Result<IconImage> {
        if self.data.starts_with(b"\x89PNG") {
            return Ok(IconImage::read_png(Cursor::new(&self.data))?);
        }
        // An .ico that holds this image alone.
        let mut file = [0_u16, 1, 1].map(u16::to_le_bytes).concat();
        file.extend([self.width as u8, self.height as u8, 0, 0, 1, 0, self.bits as u8, 0]);
        file.extend((self.data.len() as u32).to_le_bytes());
        file.extend(22_u32.to_le_bytes());
        file.extend(&self.data);
        Ok(IconDir::read(Cursor::new(file))?.entries().first().context("it holds no image")?.decode()?)
    }
}

/// Reads an icon of any of the three kinds. The file name's extension decides which one it is.
///
/// # Errors
/// When it can't be read, is damaged, or too small.
pub(super) fn read(file: &Path, report: &Report) -> anyhow::Result<Icon> {
    let extension = file.extension().and_then(|e| e.to_str()).unwrap_or_default().to_ascii_lowercase();
    let (picture, help) = match extension.as_str() {
        "ico" => ("an .ico", "save it again with the program that made it, or give a PNG of 256 × 256 pixels or more"),
        "png" => ("a PNG", "give a square PNG of 256 × 256 pixels or more"),
        _ => ("an SVG", "see that a browser shows it; text in it has to be turned into paths"),
    };
    let read = || {
        let bytes = fs::read(file)?;
        match extension.as_str() {
            "ico" => from_ico(&bytes),
            "png" => from_png(&bytes),
            _ => from_svg(&bytes),
        }
    };
    let icon = read().or_fail(format!("could not make an icon of `{}` as {picture}", file.display()), help)?;
    if icon.images.iter().all(|image| image.width < 256) {
        report.notice(format!(
            "`{}` has no image of 256 × 256: it looks blurred where Windows shows it large",
            file.display()
        ));
    }
    Ok(icon)
}

fn from_ico(bytes: &[u8]) -> anyhow::Result<Icon> {
    let directory = IconDir::read(Cursor::new(bytes))?;
    ensure!(directory.resource_type() == ResourceType::Icon, "it holds a cursor");
    ensure!(!directory.entries().is_empty(), "it holds no image");
    for entry in directory.entries() {
        entry.decode().with_context(|| format!("its image of {} × {}", entry.width(), entry.height()))?;
    }
    Ok(Icon { images: directory.entries().iter().map(stored).collect() })
}

fn from_png(bytes: &[u8]) -> anyhow::Result<Icon> {
    let picture = square(Pixmap::decode_png(bytes)?)?;
    let sizes = SIZES.into_iter().filter(|size| *size <= picture.width());
    let images = sizes.map(|size| encoded(scaled(&picture, size)?)).collect::<anyhow::Result<Vec<_>>>()?;
    ensure!(!images.is_empty(), "it has only {} × {} pixels", picture.width(), picture.height());
    Ok(Icon { images })
}

fn from_svg(bytes: &[u8]) -> anyhow::Result<Icon> {
    let tree = usvg::Tree::from_data(bytes, &usvg::Options::default())?;
    let drawn = |size: u32| {
        let mut pixmap = Pixmap::new(size, size).context("no memory")?;
        let longest = tree.size().width().max(tree.size().height());
        let scale = size as f32 / longest;
        let aside = |length: f32| (longest - length) * scale / 2.0;
        let transform =
            Transform::from_row(scale, 0.0, 0.0, scale, aside(tree.size().width()), aside(tree.size().height()));
        resvg::render(&tree, transform, &mut pixmap.as_mut());
        encoded(pixmap)
    };
    Ok(Icon { images: SIZES.into_iter().map(drawn).collect::<anyhow::Result<_>>()? })
}

/// The picture in the middle of a square.
fn square(picture: Pixmap) -> anyhow::Result<Pixmap> {
    let (width, height) = (picture.width(), picture.height());
    ensure!(width.max(height) <= LARGEST, "{width} × {height} pixels are more than {LARGEST} in one direction");
    if width == height {
        return Ok(picture);
    }
    let size = width.max(height);
    let mut whole = Pixmap::new(size, size).context("no memory")?;
    let (x, y) = ((size - width) / 2, (size - height) / 2);
    let paint = PixmapPaint::default();
    whole.draw_pixmap(x as i32, y as i32, picture.as_ref(), &paint, Transform::identity(), None);
    Ok(whole)
}

/// The picture in another size. It is halved repeatedly first: scaling down by more than half at once would use only some
/// of its pixels.
fn scaled(picture: &Pixmap, size: u32) -> anyhow::Result<Pixmap> {
    let mut picture = picture.clone();
    while picture.width() > size {
        let next = size.max(picture.width().div_ceil(2));
        let mut smaller = Pixmap::new(next, next).context("no memory")?;
        let scale = next as f32 / picture.width() as f32;
        // At exactly one half, this takes the mean of four pixels.
        let paint = PixmapPaint { quality: FilterQuality::Bilinear, ..PixmapPaint::default() };
        smaller.draw_pixmap(0, 0, picture.as_ref(), &paint, Transform::from_scale(scale, scale), None);
        picture = smaller;
    }
    Ok(picture)
}

fn encoded(pixmap: Pixmap) -> anyhow::Result<Stored> {
    let size = pixmap.width();
    let image = IconImage::from_rgba_data(size, size, pixmap.take_demultiplied());
    let entry =
        if size < PNG_FROM { IconDirEntry::encode_as_bmp(&image)? } else { IconDirEntry::encode_as_png(&image)? };
    Ok(stored(&entry))
}

fn stored(entry: &IconDirEntry) -> Stored {
    Stored { width: entry.width(), height: entry.height(), bits: entry.bits_per_pixel(), data: entry.data().to_vec() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HALVES: &str = r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10">
        <path fill="#ff0000" d="M0 0h5v10h-5z"/><path fill="#0000ff" fill-opacity="0.5" d="M5 0h5v10h-5z"/></svg>"##;

    fn decoded(image: &Stored) -> IconImage {
        image.decoded().unwrap()
    }

    fn pixel(image: &IconImage, x: u32, y: u32) -> [u8; 4] {
        let at = 4 * (y * image.width() + x) as usize;
        *image.rgba_data()[at..].first_chunk().unwrap()
    }

    /// Left of the middle red, right of it half transparent blue.
    fn shows_the_halves(icon: &Icon) {
        assert_eq!(icon.images.iter().map(|image| image.width).collect::<Vec<_>>(), SIZES);
        for image in &icon.images {
            let decoded = decoded(image);
            let size = image.width;
            assert_eq!((decoded.width(), decoded.height(), image.bits), (size, size, 32));
            assert_eq!(pixel(&decoded, 1, size / 2), [255, 0, 0, 255], "{size}");
            let [r, g, b, a] = pixel(&decoded, size - 2, size / 2);
            assert!(r < 3 && g == 0 && b > 252 && (126..=129).contains(&a), "{size}: {:?}", [r, g, b, a]);
        }
    }

    #[test]
    fn an_svg_is_drawn_in_every_size() {
        shows_the_halves(&from_svg(HALVES.as_bytes()).unwrap());
    }

    #[test]
    fn a_png_is_scaled_down_to_every_size() {
        let tree = usvg::Tree::from_str(HALVES, &usvg::Options::default()).unwrap();
        let mut pixmap = Pixmap::new(600, 600).unwrap();
        resvg::render(&tree, Transform::from_scale(60.0, 60.0), &mut pixmap.as_mut());
        shows_the_halves(&from_png(&pixmap.encode_png().unwrap()).unwrap());
    }

    #[test]
    fn every_point_of_a_png_counts_when_it_is_scaled_down() {
        let mut chequered = Pixmap::new(512, 512).unwrap();
        for (at, pixel) in chequered.data_mut().chunks_exact_mut(4).enumerate() {
            let shade = if (at / 512 + at % 512).is_multiple_of(2) { 255 } else { 0 };
            pixel.copy_from_slice(&[shade, shade, shade, 255]);
        }
        for image in from_png(&chequered.encode_png().unwrap()).unwrap().images {
            let middle = image.width / 2;
            let [r, g, b, a] = pixel(&decoded(&image), middle, middle);
            assert!((120..136).contains(&r) && (g, b, a) == (r, r, 255), "{middle}: {:?}", [r, g, b, a]);
        }
    }

    #[test]
    fn a_picture_that_is_not_square_lies_in_the_middle() {
        let mut wide = Pixmap::new(64, 32).unwrap();
        wide.fill(resvg::tiny_skia::Color::from_rgba8(0, 200, 0, 255));
        let icon = from_png(&wide.encode_png().unwrap()).unwrap();
        assert_eq!(icon.images.last().unwrap().width, 64, "nothing is scaled up");
        let image = decoded(&icon.images[3]);
        assert_eq!([pixel(&image, 16, 2), pixel(&image, 16, 16)], [[0, 0, 0, 0], [0, 200, 0, 255]]);
        // The largest image is a PNG as it is, and a smaller one becomes one.
        for (images, width) in [(icon.images.len(), 64), (4, 32)] {
            let icon = Icon { images: from_png(&wide.encode_png().unwrap()).unwrap().images.drain(..images).collect() };
            let image = IconImage::read_png(Cursor::new(icon.png().unwrap())).unwrap();
            assert_eq!((image.width(), pixel(&image, width / 2, width / 2)), (width, [0, 200, 0, 255]));
        }
    }

    #[test]
    fn an_ico_is_taken_as_it_is_and_the_group_names_its_images() {
        let made = from_svg(HALVES.as_bytes()).unwrap();
        let mut directory = IconDir::new(ResourceType::Icon);
        for size in [16, 256] {
            let image = made.images.iter().find(|image| image.width == size).unwrap();
            let entry = IconDirEntry::encode_as_png(&decoded(image)).unwrap();
            directory.add_entry(entry);
        }
        let mut file = Vec::new();
        directory.write(&mut file).unwrap();
        let icon = from_ico(&file).unwrap();
        for (image, entry) in icon.images.iter().zip(directory.entries()) {
            assert_eq!(image.data, entry.data());
        }
        let group = icon.group();
        assert_eq!(group[..6], [0, 0, 1, 0, 2, 0]);
        assert_eq!((&group[6..10], &group[18..20]), (&[16, 16, 0, 0][..], &[1, 0][..]));
        assert_eq!((&group[20..24], &group[32..]), (&[0, 0, 0, 0][..], &[2, 0][..]));

        // Cut off, and damaged within the last image.
        let last = file.len() - 100;
        assert!(from_ico(&file[..last]).is_err());
        file[last] ^= 0x55;
        assert!(format!("{:#}", from_ico(&file).unwrap_err()).starts_with("its image of 256 × 256: "));
    }

    #[test]
    fn what_is_no_picture_or_too_small_is_refused() {
        assert!(from_png(b"not a png").is_err() && from_svg(b"<html/>").is_err() && from_ico(&[0; 30]).is_err());
        let small = Pixmap::new(15, 15).unwrap().encode_png().unwrap();
        assert_eq!(from_png(&small).unwrap_err().to_string(), "it has only 15 × 15 pixels");
    }
}
