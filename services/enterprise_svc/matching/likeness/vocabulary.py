"""Words that tell companies apart badly: legal forms, what a company makes, words without a meaning of their own.

All in the form in which `names` reads them: Latin letters, small, without accents; Chinese in simplified characters.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache

from rapidfuzz.distance import OSA

LONG = 7  # letters: a wrong one does not make another word

# in whatever place, they say nothing but the legal form
FORMS_ANYWHERE = """
limited ltd ltda limitada ltdsti gmbh ggmbh ohg pvt pte pty llc llp inc incorporated corp corporation plc tnhh tbk sdn bhd
jsc cjsc ojsc pjsc sarl sasu eurl srl sociedad sociedade anonima anonim anonyme sirketi sanayii cooperativa limitee
mtv mtvtv perseroan terbatas persero aktiengesellschaft gesellschaft mbh kommanditgesellschaft besloten vennootschap
private proprietary unlimited registered plcs
"""
# at the beginning or the end only: elsewhere they may be part of the name
FORMS_OUTSIDE = """
co company companies cia compania companhia pt cv ud pd pk fa sa sac saa sas sal cp ag ab as oy oyj kg kga nv bv spa snc sca
sc scs sl slu sau cv decv de ooo oao zao pao ao tov ip tm dn hkd ctcp cpt tt group grup grupo groupe pr eirl rl
coltd cltd khh kk yk jv pl est fze fzco fzc wll spc pcl th lp ga tic sti san ms smc
"""
PHRASES_OF_FORMS = (
    "cong ty trach nhiem huu han mot thanh vien",
    "cong ty trach nhiem huu han",
    "cong ty tnhh mot thanh vien",
    "cong ty tnhh mtv",
    "cong ty tnhh",
    "cong ty co phan",
    "cong ty cp",
    "tong cong ty",
    "doanh nghiep tu nhan",
    "cong ty",
    "mot thanh vien",
    "sociedad anonima cerrada",
    "sociedad anonima de capital variable",
    "sociedad anonima",
    "sociedad por acciones simplificada",
    "sociedad de responsabilidad limitada",
    "empresa individual de responsabilidad limitada",
    "responsabilidad limitada",
    "capital variable",
    "sa de cv",
    "s de rl de cv",
    "s de rl",
    "share company",
    "joint stock company",
    "joint stock",
    "limited liability company",
    "limited liability",
    "one member",
    "single member",
    "usaha dagang",
    "anonim sirketi",
    "limited sirketi",
    "ltd sti",
    "akcionerno druzhestvo",
    "gmbh co kg",
    "pvt ltd",
    "p ltd",
    "p limited",
    "san ve tic",
    "sanayi ve ticaret",
    "free zone company",
)
HAN_FORMS = (
    "股份有限责任公司",
    "有限责任公司",
    "股份有限公司",
    "集团有限公司",
    "有限总公司",
    "有限公司",
    "责任公司",
    "总公司",
    "分公司",
    "公司",
    "集团",
    "个体工商户",
    "株式会社",
    "合同会社",
    "有限会社",
)
# letters of other scripts, as they come out in Latin
FOREIGN_FORMS = """
brisath chmakad limietd limitd limitet limiteda praivet praibhet prayvet jusighoesa yuhanhoesa shrkh lshrkh kromhon bolisad
"""

# the same thing in several languages counts as the same word
TRADES = """
garment: garments apparel apparels clothing clothes clothings fashion fashions confecciones confeccion ropa
 prendas vestidos indumentaria
 garmen konveksi busana pakaian giyim konfeksiyon vetements confection kleidung bekleidung may_mac garmentsu 服装
 服饰 制衣 成衣 时装 衣服
knitwear: knit_wear knitwears knit knits knitting knitters hosiery tejidos rajut trikotaj orgu det_kim 针织 毛织 织造
textile: textiles textil tekstil tekstils texteis tekstail tekstails tex fabrics fabric det_may textilfabrik 纺织 纺织品 布业
silk: silks seda sutra lua ipek 丝绸
spinning: spinners spun yarn yarns hilados hilanderia benang iplik 纺纱 棉纺
weaving: weavers
dyeing: dyeings dyers tintoreria nhuom celup boya 印染 染整
printing: printers print prints imprenta percetakan in_an matbaa 印刷
packaging: package packaging packages packing envases empaques kemasan bao_bi ambalaj 包装
footwear: shoe shoes calzado calzados sepatu giay_dep ayakkabi schuhe chaussures 鞋业 制鞋 鞋
leather: cueros cuero kulit deri leder 皮革 皮具
furniture: furnitures muebles mueble mebel furnitur noi_that mobilya mobel moebel meubles do_go 家具 家私
wood: wooden timber woodworks maderas madera kayu ahsap holz 木业 木制品
electronic: electronics electronica electronicos elektronik elektronika dien_tu 电子
electric: electric_appliance electric_appliances electrical_appliance electrical_appliances electricals
 electrical electrics electrico electrica listrik dien elektrik 电器 电气
plastic: plastics plasticos plastico plastik nhua kunststoff 塑料 塑胶
rubber: caucho karet cao_su kaucuk 橡胶
metal: metals metales logam kim_loai metalware metall 五金 金属
steel: steels acero aceros baja celik thep stahl 钢铁
machinery: machine machines machineries maquinaria maquinarias mesin makina may_moc maschinen maschinenbau 机械
auto: automotive automobile automobiles automotriz otomotif otomotiv oto 汽车
part: parts components component autopartes onderdil suku_cadang linh_kien parca 零部件 配件
food: foods alimentos alimenticia alimenticios makanan pangan thuc_pham gida lebensmittel aliments 食品
beverage: beverages bebidas minuman do_uong icecek 饮料
seafood: fishery fisheries fish mariscos pesquera perikanan thuy_san hai_san 水产 海产
coffee: cafe kopi kahve ca_phe 咖啡
tea: teh 茶业 茶叶
rice: arroz beras 米业
flower: flowers flores bunga cicek 花卉
farm: farms granja finca fincas perkebunan trang_trai ciftlik 农业
paper: papers papel kertas giay_co kagit papier 纸业 造纸
chemical: chemicals quimica quimicos kimia hoa_chat kimya chemie 化工
pharmaceutical: pharma pharmaceuticals farmaceutica farmasi duoc_pham ilac 制药 医药
ceramic: ceramics ceramica ceramicas keramik gom_su seramik 陶瓷
glass: vidrio vidrios kaca thuy_tinh glas 玻璃
toy: toys juguetes mainan do_choi oyuncak spielwaren 玩具
craft: crafts handicraft handicrafts artesanias artesania kerajinan thu_cong_my_nghe 工艺品 工艺
jewellery: jewelry jewels joyeria perhiasan trang_suc 珠宝 首饰
home_textile: hometextile 家纺
hotel: hotels hoteles khach_san otel 酒店
tourism: tours travel turismo wisata du_lich turizm 旅游
construction: constructions constructora construcciones konstruksi xay_dung insaat 建筑 建设
transport: transports transportes logistics logistica logistik van_tai nakliyat 物流 运输
hardware: ferreteria
kettle: kettles
bag: bags bolsos tas tui_xach canta 箱包 手袋
zipper: zippers 拉链
button: buttons botones
umbrella: umbrellas 雨伞
battery: batteries baterias baterai pin_ac_quy 电池
lighting: lights light iluminacion lampu chieu_sang aydinlatma 照明 灯饰
software: softwares perangkat_lunak phan_mem yazilim 软件
technology: technologies tech tecnologia tecnologias teknologi teknoloji cong_nghe technologie 科技 技术
trading: trade traders trader comercial comercializadora comercio perdagangan dagang thuong_mai ticaret handel
 negociants 贸易 商贸
export: exports exporters exportadora exportaciones ekspor xuat_khau ihracat 出口
import: imports importers importadora impor nhap_khau ithalat 进口
import_export: xuat_nhap_khau ekspor_impor impex 进出口
service: services servicios jasa dich_vu hizmet 服务
production: producer producers producciones produksi san_xuat uretim 生产
manufacturing: manufacture manufacturer manufacturers manufactures mfg mfrs mfr manufactura manufacturas
 manufaktur imalat che_tao 制造 制品
industry: industries industrial industrials industria industrias inds ind industri cong_nghiep sanayi industrie
 实业 工业 企业
factory: factories fabrica fabricas pabrik nha_may xi_nghiep fabrik fabrika usine 厂 工厂 制造厂
mill: mills molino molinos
work: works workshop workshops taller talleres xuong atolye 作坊 车间
international: intl internacional internasional quoc_te uluslararasi internationale 国际
enterprise: enterprises empresa empresas usaha doanh_nghiep entreprise
holding: holdings 控股
invest: investment investments inversiones investasi dau_tu yatirim 投资
development: developments desarrollo pengembangan phat_trien 发展
product: products productos produk san_pham urunler 产品
"""
VARIANTS = """
brother: brothers bros hermanos hnos
son: sons hijos putra
sri: shree shri sree
mohammed: muhammad mohammad mohamed mohd md
"""
STOPWORDS = frozenset("the and of for de la las los el y e del et und der die va ve".split())
HAN_ADMINISTRATIVE = "特别行政区 自治区 自治州 省 市 县 区 镇 乡".split()


@cache
def anywhere() -> frozenset[str]:
    return frozenset(FORMS_ANYWHERE.split()) | frozenset(FOREIGN_FORMS.split())


@cache
def outside() -> frozenset[str]:
    return frozenset(FORMS_OUTSIDE.split())


@cache
def phrases_beginning() -> Mapping[str, Sequence[tuple[str, ...]]]:
    """By their first word; the longest first."""
    return phrases_by(0)


@cache
def phrases_ending() -> Mapping[str, Sequence[tuple[str, ...]]]:
    """By their last word; the longest first."""
    return phrases_by(-1)


def phrases_by(place: int) -> Mapping[str, Sequence[tuple[str, ...]]]:
    found: dict[str, list[tuple[str, ...]]] = {}
    for phrase in sorted((tuple(one.split()) for one in PHRASES_OF_FORMS), key=len, reverse=True):
        found.setdefault(phrase[place], []).append(phrase)
    return found


@cache
def trades() -> Mapping[str, str]:
    """From a word, or several with spaces between them, to what it means."""
    return {
        word.replace("_", " "): meaning
        for meaning, words in parted(TRADES)
        for word in (meaning, *words)
        if word.isascii()
    }


@cache
def variants() -> Mapping[str, str]:
    """Names that are written in several ways."""
    return {word: meaning for meaning, words in parted(VARIANTS) for word in words}


@cache
def trades_in_han() -> tuple[tuple[str, str], ...]:
    """The longest first."""
    found = [(word, meaning) for meaning, words in parted(TRADES) for word in words if not word.isascii()]
    return tuple(sorted(found, key=lambda pair: len(pair[0]), reverse=True))


@cache
def longest_trade() -> int:
    return max(len(word.split()) for word in trades())


def parted(text: str) -> list[tuple[str, list[str]]]:
    lines = text.strip().replace("\n ", " ").splitlines()
    heads = (line.partition(":") for line in lines)
    return [(meaning.strip(), words.split()) for meaning, _, words in heads]


@lru_cache(50_000)
def trade_of(word: str) -> str | None:
    """What a word says of the trade, also where a letter of a long one is wrong."""
    if (meaning := trades().get(word)) or len(word) < LONG or " " in word:
        return meaning
    near = {place: trade for part in one_left_out(word) for place, trade in long_trades().get(part, ())}
    found = [place for place, trade in near.items() if OSA.distance(trade, word) <= 1]
    return trades()[near[min(found)]] if found else None


def one_left_out(word: str) -> Iterator[str]:
    """The word, and what is left of it without one of its letters: two words with a letter between them have one in common."""
    yield word
    yield from (word[:n] + word[n + 1 :] for n in range(len(word)))


@cache
def long_trades() -> Mapping[str, Sequence[tuple[int, str]]]:
    """By themselves and by what is left of them without one of their letters: each with its place in the vocabulary."""
    found: dict[str, list[tuple[int, str]]] = {}
    for place, trade in enumerate(trades()):
        if len(trade) >= LONG and " " not in trade:
            for part in one_left_out(trade):
                found.setdefault(part, []).append((place, trade))
    return found
